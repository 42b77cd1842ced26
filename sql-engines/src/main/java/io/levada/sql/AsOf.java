package io.levada.sql;

import java.time.Instant;

/// Which state of a table of the lake a query reads.
public sealed interface AsOf {
    /// A snapshot by its id.
    record Snapshot(long id) implements AsOf {}

    /// The snapshot that a tag or branch points to; text of digits that names neither is the id of a snapshot.
    record Ref(String name) implements AsOf {}

    /// The snapshot that was the table's current one at that time.
    record Time(Instant time) implements AsOf {}
}
