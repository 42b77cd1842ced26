package io.levada.events;

import java.util.List;

/// A closed and synced Parquet file.
///
/// @param path the file's location, as the table's file IO reads it
/// @param partition Iceberg's partition path, such as `ingestion_date=2026-11-21`; empty for an unpartitioned table
/// @param splitOffsets byte offsets of the row groups
public record WrittenFile(
        String path, long bytes, long rows, String partition, ColumnMetrics metrics, List<Long> splitOffsets) {
    public WrittenFile {
        splitOffsets = List.copyOf(splitOffsets);
    }
}
