package io.levada.benchmarks;

import io.levada.catalog.CatalogDatabase;
import io.levada.events.TableProperties;
import io.levada.lake.LakeCatalog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.jdbc.JdbcCatalog;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What a commit and a load cost by the number of snapshots that a table has: its metadata is written whole with each
/// commit, and read whole. The embedded catalog and a local folder, without service and Kafka.
final class SnapshotsBenchmark {
    private static final int[] COUNTS = {10, 500, 1_000, 2_000, 5_000, 10_000, 50_000};
    private static final int ROUNDS = 11;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Path scratch;

    SnapshotsBenchmark(Path scratch) {
        this.scratch = scratch;
    }

    List<Figure> run() throws Exception {
        List<Figure> figures = new ArrayList<>();
        for (int count : COUNTS) {
            figures.addAll(measure(count));
        }
        return figures;
    }

    private List<Figure> measure(int count) throws Exception {
        Path directory = scratch.resolve("snapshots-" + count);
        String name = "raw.history";
        try (JdbcCatalog catalog =
                CatalogDatabase.open(directory, directory.resolve("lake").toString())) {
            TableIdentifier id = LakeCatalog.identifier(name);
            catalog.createNamespace(id.namespace());
            catalog.buildTable(id, CatalogBenchmark.SCHEMA)
                    .withLocation(directory.resolve("lake/raw/history").toString())
                    .create();
            append(table(catalog, id), 0);
            repeat(((BaseTable) table(catalog, id)).operations(), count);
            double committed = median(round -> append(table(catalog, id), round));
            Path metadata = Path.of(table(catalog, id)
                    .operations()
                    .current()
                    .metadataFileLocation()
                    .replace("file:", ""));
            double loaded =
                    median(_ -> TableMetadataParser.read(table(catalog, id).io(), metadata.toString()));
            String what = String.format(Locale.ROOT, "%,d snapshots: ", count);
            return List.of(
                    new Figure(what + "metadata file", Files.size(metadata) / 1e6, "MB", ""),
                    new Figure(what + "a commit, median of " + ROUNDS, committed, "ms", ""),
                    new Figure(what + "its metadata read, median", loaded, "ms", ""));
        }
    }

    private static BaseTable table(JdbcCatalog catalog, TableIdentifier id) {
        return (BaseTable) catalog.loadTable(id);
    }

    /// With a summary as the committer's.
    private static void append(BaseTable table, int number) {
        AppendFiles append = table.newAppend();
        append.appendFile(DataFiles.builder(PartitionSpec.unpartitioned())
                .withPath(table.location() + "/data/part-" + number + ".parquet")
                .withFileSizeInBytes(100_000)
                .withRecordCount(1_000)
                .build());
        append.set(TableProperties.SUMMARY_CAUSE, "CHANGES");
        append.set(TableProperties.SUMMARY_EVENTS, "0190e5a2-7c11-7b1e-9d0a-5f6c2b3a4d5e");
        append.set(TableProperties.COMPLETE_TO + "shop", "0-00000000000001234567 0/1A2B3C4D 2026-11-22T08:00:00Z");
        append.set(
                TableProperties.SUMMARY_RANGE + "5L6g3nShT-eMCtK--X86sw.Q2xhdWRlIGlzIGhlcmU.0",
                "1234000 1234567 levada.changes.shop.history");
        append.commit();
    }

    /// Gives the table as many snapshots, all like the one that it has.
    private static void repeat(TableOperations operations, int count) {
        TableMetadata base = operations.current();
        ObjectNode metadata = (ObjectNode) JSON.readTree(TableMetadataParser.toJson(base));
        ObjectNode snapshot = (ObjectNode) metadata.path("snapshots").get(0);
        ArrayNode snapshots = metadata.putArray("snapshots");
        ArrayNode log = metadata.putArray("snapshot-log");
        long first = 6_000_000_000_000_000_000L;
        long committed = snapshot.path("timestamp-ms").asLong() - count;
        for (int number = 1; number <= count; number++) {
            ObjectNode next = snapshot.deepCopy();
            next.put("snapshot-id", first + number);
            next.put("sequence-number", number);
            next.put("timestamp-ms", committed + number);
            if (number > 1) {
                next.put("parent-snapshot-id", first + number - 1);
            }
            snapshots.add(next);
            log.addObject().put("timestamp-ms", committed + number).put("snapshot-id", first + number);
        }
        metadata.put("last-sequence-number", count);
        metadata.put("current-snapshot-id", first + count);
        ((ObjectNode) metadata.path("refs").path("main")).put("snapshot-id", first + count);
        operations.commit(base, TableMetadataParser.fromJson(metadata.toString()));
    }

    @FunctionalInterface
    private interface Work {
        void run(int round) throws Exception;
    }

    private static double median(Work work) throws Exception {
        List<Double> milliseconds = new ArrayList<>();
        for (int round = 1; round <= ROUNDS; round++) {
            long start = System.nanoTime();
            work.run(round);
            milliseconds.add((System.nanoTime() - start) / 1e6);
        }
        milliseconds.sort(null);
        return milliseconds.get(ROUNDS / 2);
    }
}
