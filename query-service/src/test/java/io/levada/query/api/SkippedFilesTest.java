package io.levada.query.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.lake.storage.LocalCopies;
import io.levada.sql.DuckDbSettings;
import io.levada.sql.QueryExecutor;
import io.levada.sql.QueryLimits;
import io.levada.sql.QueryRequest;
import io.levada.sql.QueryStatus;
import io.levada.sql.SelectGate;
import io.levada.testing.FreePorts;
import io.levada.testing.LocalLake;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Random queries answer the same whether files without rows for them are skipped or DuckDB reads a table of its own
/// with all rows.
class SkippedFilesTest {
    private static final long SEED = Long.getLong("levada.seed", 20261122L);
    private static final int QUERIES = Integer.getInteger("levada.queries", 150);
    private static final Schema SCHEMA = new Schema(
            Types.NestedField.optional(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "n", Types.IntegerType.get()),
            Types.NestedField.optional(3, "name", Types.StringType.get()),
            Types.NestedField.optional(4, "day", Types.DateType.get()),
            Types.NestedField.optional(5, "paid", Types.TimestampType.withoutZone()));
    private static final List<String> RELATIONS = List.of("=", "<", "<=", ">", ">=", "<>", "IS DISTINCT FROM");

    @TempDir
    private Path directory;

    private final Random random = new Random(SEED);

    @Test
    void skippingChangesNoAnswer() throws Exception {
        try (LocalLake lake = new LocalLake(directory.resolve("lake"));
                CatalogPositions positions =
                        new CatalogPositions(URI.create("http://127.0.0.1:" + FreePorts.one()), null);
                SelectGate gate = SelectGate.open();
                QueryExecutor executor = new QueryExecutor(
                        new LakeTables(
                                new TestLake(lake),
                                new DuckDbSettings(256, 1, directory.resolve("tmp"), List.of(lake.root())),
                                Clock.systemUTC(),
                                positions,
                                LocalCopies.in(directory.resolve("copies"), 1 << 20)),
                        gate,
                        QueryLimits.DEFAULT,
                        (_, _) -> {});
                Connection duckdb = DriverManager.getConnection("jdbc:duckdb:")) {
            fill(lake, duckdb);
            long all = run(executor, "SELECT count(*) FROM raw.t").scannedBytes();
            int skipped = 0;
            for (int i = 0; i < QUERIES; i++) {
                String sql = query();
                QueryStatus status = run(executor, sql);
                assertThat(status.failure()).as(sql).isNull();
                assertThat(status.rows().toString()).as(sql).isEqualTo(answer(duckdb, sql));
                skipped += status.scannedBytes() < all ? 1 : 0;
            }
            assertThat(skipped).as("queries that skipped files").isGreaterThan(QUERIES / 6);
        }
    }

    private static QueryStatus run(QueryExecutor executor, String sql) throws Exception {
        return executor.submit(new QueryRequest(sql, Map.of(), 100)).await(Duration.ofSeconds(30));
    }

    private static String answer(Connection duckdb, String sql) throws SQLException {
        try (Statement statement = duckdb.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<List<@Nullable Object>> all = new ArrayList<>();
            while (rows.next()) {
                all.add(Arrays.asList(rows.getObject(1), rows.getObject(2)));
            }
            return all.toString();
        }
    }

    /// Files of few rows that lie near one another, some of them null.
    private void fill(LocalLake lake, Connection duckdb) throws Exception {
        lake.create("raw.t", SCHEMA);
        try (Statement statement = duckdb.createStatement()) {
            statement.execute("CREATE SCHEMA raw");
            statement.execute("CREATE TABLE raw.t (id BIGINT, n INTEGER, name VARCHAR, day DATE, paid TIMESTAMP)");
        }
        try (PreparedStatement insert = duckdb.prepareStatement("INSERT INTO raw.t VALUES (?, ?, ?, ?, ?)")) {
            for (int file = 0; file < 24; file++) {
                List<List<?>> rows = new ArrayList<>();
                for (int row = 0; row < 1 + random.nextInt(4); row++) {
                    List<@Nullable Object> values = Arrays.asList(
                            orNull((long) near(file)),
                            orNull(near(file)),
                            orNull(name(near(file))),
                            orNull(day(near(file))),
                            orNull(paid(near(file))));
                    rows.add(values);
                    for (int i = 0; i < values.size(); i++) {
                        insert.setObject(i + 1, values.get(i));
                    }
                    insert.executeUpdate();
                }
                lake.append("raw.t", rows);
            }
        }
    }

    private int near(int file) {
        return file * 4 + random.nextInt(6) - 40;
    }

    private <V> @Nullable V orNull(V value) {
        return random.nextInt(12) == 0 ? null : value;
    }

    /// Some longer than the 16 characters that bounds keep, and some of which only the signs after those differ.
    private static String name(int number) {
        return (number % 3 == 0 ? "ção, a long beginning " : "")
                + "%03d".formatted(number + 40)
                + (number % 5 == 0 ? "😀" : "");
    }

    private static LocalDate day(int number) {
        return LocalDate.parse("2026-01-01").plusDays(number);
    }

    private static LocalDateTime paid(int number) {
        return LocalDateTime.parse("1970-01-01T00:00:00").plusHours(number * 7L).plusNanos(number * 1_000L);
    }

    private String query() {
        return switch (random.nextInt(9)) {
            case 0 -> "SELECT count(*), sum(id)::VARCHAR FROM raw.t x WHERE " + where("x.", 2);
            case 1 ->
                "SELECT count(*), sum(a.n)::VARCHAR FROM raw.t a JOIN raw.t b ON a.id = b.id WHERE " + where("a.", 1)
                        + " AND " + where("b.", 1);
            case 2 ->
                "SELECT count(*), count(b.id) FROM raw.t a LEFT JOIN raw.t b ON a.id = b.id AND " + where("b.", 0)
                        + " WHERE " + where("a.", 1);
            case 3 ->
                "SELECT count(*), max(k) FROM (SELECT id AS k FROM raw.t WHERE " + where("", 1)
                        + " UNION ALL SELECT n FROM raw.t WHERE " + where("t.", 1) + ")";
            case 4 ->
                "WITH c AS (SELECT * FROM raw.t WHERE " + where("", 1) + ") SELECT count(*), min(id) FROM c WHERE "
                        + where("", 1);
            case 5 ->
                "SELECT count(*), max(name) FROM raw.t WHERE " + where("", 1)
                        + " AND EXISTS (SELECT 1 FROM raw.t u WHERE u.id = t.n AND " + where("u.", 0) + ")";
            // Columns of the SELECT that are called like columns of the table.
            case 6 -> "SELECT count(*), max(upper(name)) AS name FROM raw.t WHERE " + where("", 1);
            default -> "SELECT count(*), max(name) FROM raw.t WHERE " + where("", 2);
        };
    }

    private String where(String qualifier, int depth) {
        if (depth == 0 || random.nextInt(3) == 0) {
            return comparison(qualifier);
        }
        String left = where(qualifier, depth - 1);
        String right = where(qualifier, depth - 1);
        return switch (random.nextInt(5)) {
            case 0 -> "(" + left + " OR " + right + ")";
            case 1 -> "NOT (" + left + ")";
            case 2 -> "(CASE WHEN " + left + " THEN " + right + " ELSE true END)";
            default -> "(" + left + " AND " + right + ")";
        };
    }

    private String comparison(String qualifier) {
        int column = random.nextInt(5);
        String name = qualifier + SCHEMA.columns().get(column).name();
        return switch (random.nextInt(6)) {
            case 0 ->
                name + (random.nextBoolean() ? "" : " NOT") + " BETWEEN " + value(column) + " AND " + value(column);
            case 1 ->
                name + (random.nextBoolean() ? "" : " NOT") + " IN (" + value(column) + ", " + value(column) + ", "
                        + value(column) + ")";
            case 2 -> value(column) + " " + relation() + " " + name;
            case 3 -> name + (random.nextBoolean() ? " IS NULL" : " IS NOT NULL");
            default -> name + " " + relation() + " " + value(column);
        };
    }

    private String relation() {
        return RELATIONS.get(random.nextInt(RELATIONS.size()));
    }

    private String value(int column) {
        int number = random.nextInt(110) - 45;
        return switch (column) {
            case 0, 1 -> random.nextInt(8) == 0 ? number + ".5" : Integer.toString(number);
            case 2 -> "'" + name(number) + "'";
            case 3 ->
                switch (random.nextInt(4)) {
                    case 0 -> "DATE '" + day(number) + "'";
                    case 1 -> "TIMESTAMP '" + day(number) + " 12:00:00'";
                    case 2 -> "'" + day(number) + "'::DATE";
                    default -> "'" + day(number) + "'";
                };
            default ->
                switch (random.nextInt(4)) {
                    case 0 -> "DATE '" + paid(number).toLocalDate() + "'";
                    case 1 -> "TIMESTAMP '" + text(paid(number)) + "'";
                    case 2 -> "'" + paid(number).toLocalDate() + "'";
                    default -> "'" + text(paid(number)) + "'";
                };
        };
    }

    private static String text(LocalDateTime time) {
        return "%s %s"
                .formatted(
                        time.toLocalDate(),
                        java.time.format.DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS")
                                .format(time));
    }
}
