package io.levada.catalog.commit;

import io.levada.events.TableCommitted;
import java.time.Instant;
import org.apache.iceberg.Snapshot;

/// The last snapshot of a table that was announced.
record Announced(long snapshotId, Instant committedAt) {
    static Announced of(Snapshot snapshot) {
        return new Announced(snapshot.snapshotId(), Instant.ofEpochMilli(snapshot.timestampMillis()));
    }

    static Announced of(TableCommitted event) {
        return new Announced(event.snapshotId(), event.committedAt());
    }
}
