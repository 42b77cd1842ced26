package io.levada.definition;

import java.time.Duration;

/// When landing closes a file: at this age or at this size, whichever is first.
public record FlushPolicy(Duration interval, long bytes) {
    public static final FlushPolicy DEFAULT = new FlushPolicy(Duration.ofSeconds(5), 64L * 1024 * 1024);
}
