package io.levada.local;

import io.levada.testing.FaultyS3;
import io.levada.testing.FaultyS3.Fault;
import java.util.Random;

/// What buckets do on their bad days.
final class BucketFaults {
    private BucketFaults() {}

    /// Two of three requests are refused.
    static FaultyS3.Plan throttling(long seed) {
        Random random = new Random(seed);
        return _ -> switch (random.nextInt(3)) {
            case 0 -> Fault.SLOW_DOWN;
            case 1 -> Fault.ERROR;
            default -> Fault.NONE;
        };
    }

    /// Every other request that changes something is carried out without an answer.
    static FaultyS3.Plan lostAnswers() {
        return request ->
                !request.method().equals("GET") && !request.method().equals("HEAD") && request.number() % 2 == 0
                        ? Fault.ANSWER_LOST
                        : Fault.NONE;
    }
}
