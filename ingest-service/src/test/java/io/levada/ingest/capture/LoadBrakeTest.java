package io.levada.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LoadBrakeTest {
    private final List<String> told = new ArrayList<>();

    @Test
    void holdsAStepUpUntilTheTroubleIsOver() throws Exception {
        Deque<String> troubles = new ArrayDeque<>(List.of("far behind", "still behind"));

        new LoadBrake(Duration.ofMinutes(1), Duration.ofMillis(1))
                .await(() -> Optional.ofNullable(troubles.poll()), told::add);

        assertThat(told).containsExactly("far behind", "still behind");
    }

    @Test
    void letsAStepGoWhereTheTroubleLasts() throws Exception {
        new LoadBrake(Duration.ofMillis(20), Duration.ofMillis(1)).await(() -> Optional.of("behind"), told::add);

        assertThat(told).isNotEmpty();
    }
}
