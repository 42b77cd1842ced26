package io.levada.ingest.postgres;

import java.util.Set;
import java.util.TreeSet;

/// Which transactions a snapshot of a PostgreSQL database sees, as `pg_snapshot` says it: `xmin:xmax:in progress`.
record PgSnapshot(long first, long next, Set<Long> inProgress) {
    PgSnapshot {
        inProgress = Set.copyOf(inProgress);
    }

    static PgSnapshot of(String text) {
        String[] parts = text.split(":", -1);
        Set<Long> inProgress = new TreeSet<>();
        for (String id : parts[2].split(",", -1)) {
            if (!id.isEmpty()) {
                inProgress.add(Long.valueOf(id));
            }
        }
        return new PgSnapshot(Long.parseLong(parts[0]), Long.parseLong(parts[1]), inProgress);
    }

    /// Whether the snapshot sees what a committed transaction wrote.
    ///
    /// @param transaction the lower 32 bits of its id, as the log has them
    boolean sees(long transaction) {
        long id = next + (int) (transaction - next);
        return id < first || id < next && !inProgress.contains(id);
    }
}
