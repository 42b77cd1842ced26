package io.levada.query.api;

import io.levada.sql.AsOf;
import io.levada.sql.PastTable;
import io.levada.sql.TableSnapshot;
import java.time.Instant;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.SnapshotUtil;

/// The snapshot that a query names, and the columns that it had. As in Iceberg, a branch is read with the table's
/// columns of now.
record PastSnapshot(PastTable past, Table table, Snapshot snapshot, Schema schema) {
    /// @throws io.levada.sql.QueryException `SNAPSHOT_UNKNOWN`
    static PastSnapshot of(PastTable past, Table table) {
        SnapshotHistory history = new SnapshotHistory(past.table(), table);
        Snapshot snapshot = switch (past.asOf()) {
            case AsOf.Snapshot(long id) -> history.kept(id);
            case AsOf.Ref(String name) -> history.kept(name);
            case AsOf.Time(Instant time) -> history.kept(time);
        };
        Schema schema =
                past.asOf() instanceof AsOf.Ref(String name) && table.refs().containsKey(name)
                        ? SnapshotUtil.schemaFor(table, name)
                        : SnapshotUtil.schemaFor(table, snapshot.snapshotId());
        return new PastSnapshot(past, table, snapshot, schema);
    }

    /// What the answer calls it, `namespace.name@snapshotId`.
    String label() {
        return past.table() + "@" + snapshot.snapshotId();
    }

    /// Its files, as the view that the query reads.
    TableSnapshot plan() {
        return TableSnapshot.of(past.table(), table, snapshot, schema).named(past.view());
    }
}
