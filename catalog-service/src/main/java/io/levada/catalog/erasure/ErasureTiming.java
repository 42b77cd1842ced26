package io.levada.catalog.erasure;

import java.time.Duration;

/// What an erasure waits for that it can not see.
///
/// @param settling how long changes of a database may be on their way to Kafka, as the delete before the order
/// @param filesKept how long files stay that no snapshot names any more, for queries that began before
record ErasureTiming(Duration settling, Duration filesKept) {
    /// A query may not run as long as files are kept.
    static final ErasureTiming DEFAULT = new ErasureTiming(Duration.ofSeconds(10), Duration.ofHours(1));
}
