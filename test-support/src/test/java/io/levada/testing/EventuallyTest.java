package io.levada.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class EventuallyTest {
    @Test
    void repeatsAnAssertionUntilItPasses() {
        AtomicInteger calls = new AtomicInteger();

        Eventually.within(
                Duration.ofSeconds(5), () -> assertThat(calls.incrementAndGet()).isEqualTo(3));

        assertThat(calls).hasValue(3);
    }

    @Test
    void saysWhatTheLastAnswerWas() {
        assertThatThrownBy(() -> Eventually.within(Duration.ofMillis(60), () -> "still red", "green"::equals))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("still red");
    }
}
