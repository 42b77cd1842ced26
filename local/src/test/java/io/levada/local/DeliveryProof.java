package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.lake.LakeCatalog;
import io.levada.testing.EmbeddedPostgresServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;

/// Compares what is in the lake and the warehouse with the sources, and the lake's tables with its files.
final class DeliveryProof {
    private static final String SHOP = AddedSources.SHOP;
    private static final Map<String, String> KEYS = new TreeMap<>(Map.of(
            "item", "CAST(id AS VARCHAR)",
            "line", "CAST(a AS VARCHAR) || '/' || b",
            "event", "CAST(op_id AS VARCHAR)",
            "shape", "CAST(id AS VARCHAR)"));

    private final EmbeddedPostgresServer postgres;
    private final PipelineProcess lake;
    private final LocalPorts ports;
    private final Consumer<String> say;
    private final Convergence convergence;

    DeliveryProof(EmbeddedPostgresServer postgres, PipelineProcess lake, LocalPorts ports, Consumer<String> say) {
        this.postgres = postgres;
        this.lake = lake;
        this.ports = ports;
        this.say = say;
        this.convergence = new Convergence(say);
    }

    /// Each operation that the source accounted for is in raw once, and those of one key in their order.
    ///
    /// @param columnChanges statements that may have had a table loaded again; each order to do so leaves
    ///     one number of the source's sequence to the load
    void everyOperationIsThereOnceInItsOrder(long columnChanges) throws Exception {
        long operations = 0;
        for (Map.Entry<String, String> table : KEYS.entrySet()) {
            String raw = "raw.shop_" + table.getKey();
            String count =
                    "SELECT count(*), count(*) FILTER (tab = 't') FROM (SELECT op AS tab FROM account WHERE tab = '"
                            + table.getKey() + "') x";
            String expected = source(SHOP, count.replace("FILTER (", "FILTER (WHERE "));
            String actual = "SELECT count(*), count(*) FILTER (_op = 't') FROM " + raw + " WHERE _op <> 'r'";
            convergence.await(raw, () -> lake.query(actual).toString(), expected);
            assertThat(lake.query("SELECT count(*) - count(DISTINCT _pos) FROM " + raw + " WHERE _op <> 'r'")
                            .toString())
                    .as("positions of " + raw + " are used once")
                    .isEqualTo("[[0]]");
            // A delete carries its key alone, save of the table without a key.
            String value = "CASE WHEN _op = 'd' THEN '' ELSE coalesce(CAST(op_id AS VARCHAR), '') END";
            String lakeOrder = checksum("SELECT k || '=' || string_agg(_op || ':' || v, ',' ORDER BY _pos) AS h FROM"
                    + " (SELECT _op, _pos, " + table.getValue() + " AS k, " + value + " AS v FROM " + raw
                    + " WHERE _op NOT IN ('r', 't')) x GROUP BY k");
            String sourceOrder = sourceChecksum(
                    "SELECT k || '=' || string_agg(op || ':' || coalesce(v::text, ''), ',' ORDER BY n) AS h FROM account"
                            + " WHERE tab = '" + table.getKey() + "' AND op <> 't' GROUP BY k");
            assertThat(lake.query(lakeOrder).toString())
                    .as("operations of each key of " + raw + " in their order")
                    .isEqualTo(source(SHOP, sourceOrder));
            operations += lake.query("SELECT count(*) FROM " + raw + " WHERE _op <> 'r'")
                    .path(0)
                    .path(0)
                    .asLong();
            say.accept("  " + raw + ": " + expected + " operations and truncates, each once and in order");
        }
        operations += lake.query("SELECT count(*) FROM raw.shop_probe WHERE _op <> 'r'")
                .path(0)
                .path(0)
                .asLong();
        long last = lastSequence();
        assertThat(last - operations)
                .as("numbers of the source that are left to loads")
                .isBetween(0L, columnChanges);
        say.accept("  " + operations + " operations of the source carry its numbers 1 to " + last);
    }

    private long lastSequence() throws Exception {
        long last = 0;
        for (String table : List.of("item", "line", "event", "shape", "probe")) {
            String pos = lake.query("SELECT coalesce(max(_pos), '') FROM raw.shop_" + table + " WHERE _op <> 'r'")
                    .path(0)
                    .path(0)
                    .asString();
            if (!pos.isEmpty()) {
                last = Math.max(last, Long.parseLong(pos.substring(pos.indexOf('-') + 1)));
            }
        }
        return last;
    }

    /// Every row of `probe` is there; a load may have read the first ones, and each change is there once.
    void everyProbeIsThereOnce(int probes) throws InterruptedException {
        convergence.await(
                "raw.shop_probe",
                () -> lake.query("SELECT count(DISTINCT id), count(*) FILTER (_op <> 'r') - count(DISTINCT id)"
                                + " FILTER (_op <> 'r') FROM raw.shop_probe")
                        .toString(),
                "[[" + probes + ",0]]");
    }

    /// Mirrors and the warehouse hold the source's rows.
    void mirrorsAreEqual() throws Exception {
        equal("item", "id || '|' || op_id || '|' || note || '|' || amount || '|' || coalesce(md5(body), '')", true);
        equal("line", "a || '|' || b || '|' || op_id", true);
        StringBuilder shape = new StringBuilder("id || '|' || op_id");
        for (String column : SchemaWorkload.columns(postgres, SHOP)) {
            shape.append(" || '|' || coalesce(CAST(").append(column).append(" AS VARCHAR), '')");
        }
        equal("shape", shape.toString(), false);
    }

    private void equal(String table, String row, boolean inWarehouse) throws Exception {
        String expected = source(SHOP, sourceChecksum("SELECT " + row + " AS h FROM " + table));
        convergence.await(
                "stage.shop_" + table,
                () -> lake.query(checksum("SELECT " + row + " AS h FROM stage.shop_" + table))
                        .toString(),
                expected);
        if (inWarehouse) {
            convergence.await(
                    "the warehouse's shop." + table,
                    () -> lake.query(LevadaService.WAREHOUSE, checksum("SELECT " + row + " AS h FROM shop." + table))
                            .toString(),
                    expected);
        }
        say.accept("  stage.shop_" + table + (inWarehouse ? " and the warehouse hold" : " holds")
                + " the source's rows " + expected);
    }

    /// Loads that were killed have read every row once, and what changed meanwhile is there once.
    void addedSourcesAreWhole(List<String> sources) throws Exception {
        for (String source : sources) {
            String expected = source(source, "SELECT count(*), coalesce(sum(id), 0) FROM big");
            String raw = "raw." + source + "_big";
            convergence.await(
                    raw,
                    () -> lake.query("SELECT count(*), CAST(sum(id) AS BIGINT) FROM (SELECT DISTINCT id FROM " + raw
                                    + ") x")
                            .toString(),
                    expected);
            assertThat(lake.query("SELECT count(*) - count(DISTINCT id || _op) FROM " + raw)
                            .toString())
                    .as("rows of " + raw + " are loaded once and changes are there once")
                    .isEqualTo("[[0]]");
            say.accept("  " + raw + ": " + expected + " rows, loaded once");
        }
    }

    void everyFileIsThereOnce(int rows) throws InterruptedException {
        String expected = "[[" + rows + "," + rows + "]]";
        convergence.await(
                "raw.drops_rows",
                () -> lake.query("SELECT count(*), count(DISTINCT id) FROM raw.drops_rows")
                        .toString(),
                expected);
        say.accept("  raw.drops_rows: " + expected + " rows of dropped files");
    }

    void nothingIsInQuarantine() throws Exception {
        try (LakeCatalog catalog = LakeCatalog.connect(URI.create(ports.url(LevadaService.CATALOG) + "/iceberg"))) {
            if (catalog.load("raw.quarantine").isPresent()) {
                assertThat(lake.query("SELECT count(*) FROM raw.quarantine").toString())
                        .isEqualTo("[[0]]");
            }
        }
    }

    /// No file is referred to twice, and each that is referred to is there.
    ///
    /// @return how many files no table refers to, by table
    Map<String, Integer> filesOfRawTables() throws IOException {
        Map<String, Integer> abandoned = new TreeMap<>();
        int referred = 0;
        try (LakeCatalog catalog = LakeCatalog.connect(URI.create(ports.url(LevadaService.CATALOG) + "/iceberg"))) {
            Map<String, String> referredBy = new HashMap<>();
            for (String name : catalog.tables("raw")) {
                Table table = catalog.load(name).orElseThrow();
                try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
                    for (FileScanTask task : tasks) {
                        String path = local(task.file().location());
                        assertThat(referredBy.put(path, name))
                                .as("the table that refers to " + path + " already")
                                .isNull();
                        assertThat(Path.of(path))
                                .isRegularFile()
                                .hasSize(task.file().fileSizeInBytes());
                    }
                }
            }
            referred = referredBy.size();
            Set<String> known = new HashSet<>(referredBy.keySet());
            for (String name : catalog.tables("raw")) {
                Path folder = Path.of(local(catalog.load(name).orElseThrow().location()));
                int unknown = 0;
                for (String file : parquetFiles(folder)) {
                    unknown += known.contains(file) ? 0 : 1;
                }
                abandoned.put(name, unknown);
            }
        }
        say.accept("  " + referred + " files of raw tables are referred to once and are there; files that no table"
                + " refers to: " + abandoned);
        return abandoned;
    }

    private static String local(String location) {
        return location.startsWith("file:") ? URI.create(location).getPath() : location;
    }

    private static List<String> parquetFiles(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.map(Path::toString)
                    .filter(file -> file.endsWith(".parquet"))
                    .toList();
        }
    }

    /// How many changes were committed at the source, and not taken by landing, at the time of a fault.
    long changesInFlight(Faults.Outcome outcome) throws Exception {
        long sum = 0;
        for (String table : List.of("item", "line", "event", "shape", "probe")) {
            sum += lake.query("SELECT count(*) FROM raw.shop_" + table + " WHERE _op <> 'r' AND _ts <= TIMESTAMPTZ '"
                            + outcome.struckAt() + "' AND _ingested_at > TIMESTAMPTZ '" + outcome.struckAt() + "'")
                    .path(0)
                    .path(0)
                    .asLong();
        }
        return sum;
    }

    private static String checksum(String rows) {
        return "SELECT count(*), CAST(coalesce(sum(CAST('0x' || substr(md5(h), 1, 8) AS BIGINT)), 0) AS BIGINT) FROM ("
                + rows + ") y";
    }

    private static String sourceChecksum(String rows) {
        return "SELECT count(*), coalesce(sum(('x' || substr(md5(h), 1, 8))::bit(32)::bigint), 0) FROM (" + rows
                + ") y";
    }

    private String source(String database, String sql) throws Exception {
        try (Connection connection = postgres.connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return "[[" + rows.getLong(1) + "," + rows.getLong(2) + "]]";
        }
    }
}
