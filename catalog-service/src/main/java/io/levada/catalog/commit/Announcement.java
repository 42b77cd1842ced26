package io.levada.catalog.commit;

import io.levada.events.Cause;
import io.levada.events.Layer;
import io.levada.events.TableCommitted;
import io.levada.events.TablePosition;
import io.levada.events.TableProperties;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/// A snapshot as `TableCommitted` tells of it.
final class Announcement {
    private Announcement() {}

    static TableCommitted of(String name, Table table, Snapshot snapshot) {
        Map<String, String> summary = snapshot.summary();
        return new TableCommitted(
                name,
                Layer.of(name),
                snapshot.snapshotId(),
                snapshot.parentId(),
                cause(summary.get(TableProperties.SUMMARY_CAUSE)),
                number(summary, SnapshotSummary.ADDED_RECORDS_PROP),
                number(summary, SnapshotSummary.DELETED_RECORDS_PROP),
                (int) number(summary, SnapshotSummary.ADDED_FILES_PROP),
                partitions(table, snapshot),
                TablePosition.sources(TablePosition.in(summary)),
                Instant.ofEpochMilli(snapshot.timestampMillis()));
    }

    private static @Nullable Cause cause(@Nullable String name) {
        return Arrays.stream(Cause.values())
                .filter(cause -> cause.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    private static long number(Map<String, String> summary, String name) {
        return Long.parseLong(summary.getOrDefault(name, "0"));
    }

    private static List<String> partitions(Table table, Snapshot snapshot) {
        if (table.specs().values().stream().allMatch(PartitionSpec::isUnpartitioned)) {
            return List.of();
        }
        return Stream.of(snapshot.addedDataFiles(table.io()), snapshot.removedDataFiles(table.io()))
                .flatMap(files -> StreamSupport.stream(files.spliterator(), false))
                .map(file -> path(file, table))
                .distinct()
                .sorted()
                .toList();
    }

    private static String path(DataFile file, Table table) {
        return Objects.requireNonNull(table.specs().get(file.specId()), "A file's partition spec is the table's")
                .partitionToPath(file.partition());
    }
}
