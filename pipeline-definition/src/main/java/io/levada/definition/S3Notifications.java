package io.levada.definition;

import java.net.URI;
import java.time.Duration;

/// A queue of SQS that is told of the objects of a bucket. It says where to look, earlier than a listing would.
///
/// @param queue its URL
/// @param listEvery how long it is from one listing to the next while the queue is heard
public record S3Notifications(URI queue, Duration listEvery) {
    public static final Duration LIST_EVERY = Duration.ofMinutes(15);

    public S3Notifications {
        if (listEvery.isNegative() || listEvery.isZero()) {
            throw new IllegalArgumentException("listEvery is " + listEvery + "; it must be positive");
        }
    }
}
