package io.levada.warehouse.load;

import io.levada.events.TablePosition;
import java.time.Instant;
import java.util.Map;

/// What the warehouse's own table `levada.loads` says of one target.
///
/// @param target `schema.table`
/// @param from the lake's table
/// @param key the key's columns, as [WarehouseDatabase] writes them
/// @param snapshotId of the rows in the lake ([io.levada.lake.ContentSnapshot])
/// @param rows live rows
/// @param inserted by the load of this snapshot; likewise `updated` and `deleted`
/// @param published whether `TableLoaded` is known to be sent
/// @param completeTo what the snapshot said of its sources
record LoadedTable(
        String target,
        String from,
        String key,
        long snapshotId,
        long rows,
        long inserted,
        long updated,
        long deleted,
        Instant loadedAt,
        boolean published,
        Map<String, TablePosition> completeTo) {
    LoadedTable {
        completeTo = Map.copyOf(completeTo);
    }
}
