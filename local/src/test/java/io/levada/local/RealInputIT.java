package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.EmbeddedPostgresServer;
import io.levada.testing.Eventually;
import io.levada.testing.TestData;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pagila in a Postgres and 167 days of a shop's sales in a folder, compared with their sources column by column.
class RealInputIT {
    private static final Duration BOUND = Eventually.PATIENCE;
    private static final List<String> TABLES = List.of(
            "actor",
            "address",
            "category",
            "city",
            "country",
            "customer",
            "film",
            "film_actor",
            "film_category",
            "inventory",
            "language",
            "payment",
            "rental",
            "staff",
            "store");

    @Test
    void everyTableEqualsItsSource(@TempDir Path directory) throws Exception {
        Path pagila = TestData.directory("pagila-postgres");
        Path retail = TestData.directory("online-retail-by-day");
        try (EmbeddedPostgresServer postgres = EmbeddedPostgresServer.start(directory.resolve("postgres"))) {
            postgres.createDatabase("pagila");
            fill(postgres, pagila);
            Path project = project(directory, postgres, retail);
            try (PipelineProcess pipeline =
                    PipelineProcess.run(project, directory.resolve("data")).awaitReady()) {
                Eventually.within(
                        BOUND,
                        () -> pipeline.status()
                                .map(PipelineStatus::inputCommitted)
                                .orElse(false),
                        committed -> committed);
                for (String table : TABLES) {
                    assertMirror(postgres, pipeline, table);
                }
                assertRetail(pipeline, retail);

                postgres.execute(
                        "pagila",
                        "UPDATE film SET length = length + 1, special_features = array_append(special_features, 'A \"quoted\","
                                + " feature') WHERE film_id <= 300",
                        "DELETE FROM payment WHERE payment_id % 7 = 0",
                        "UPDATE payment SET amount = amount + 1 WHERE payment_date >= '2022-07-01'",
                        "UPDATE staff SET picture = decode(repeat('00ff', 2000), 'hex') WHERE staff_id = 1",
                        "UPDATE actor SET actor_id = actor_id + 10000 WHERE actor_id NOT IN (SELECT actor_id FROM"
                                + " film_actor)",
                        "INSERT INTO category (category_id, name) VALUES (99, E'tab\\there, newline\\nthere, ünïcödé')");

                for (String table : TABLES) {
                    assertMirror(postgres, pipeline, table);
                }
            }
        }
    }

    private static void assertMirror(EmbeddedPostgresServer postgres, PipelineProcess pipeline, String table)
            throws Exception {
        List<String> source = new ArrayList<>();
        List<String> lake = new ArrayList<>();
        try (Connection connection = postgres.connect("pagila");
                Statement statement = connection.createStatement()) {
            try (ResultSet columns = statement.executeQuery(
                    "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' AND"
                            + " table_name = '" + table + "' ORDER BY ordinal_position")) {
                while (columns.next()) {
                    String name = '"' + columns.getString(1) + '"';
                    source.add("coalesce(" + sourceText(name, columns.getString(2)) + ", '~')");
                    lake.add("coalesce(" + lakeText(name, columns.getString(2)) + ", '~')");
                }
            }
            String expected;
            try (ResultSet row = statement.executeQuery("SELECT count(*), sum(('x' || substr(md5("
                    + String.join(" || '|' || ", source) + "), 1, 8))::bit(32)::bigint) FROM public." + table)) {
                row.next();
                expected = "[[" + row.getLong(1) + "," + row.getLong(2) + "]]";
            }
            String actual = "SELECT count(*), CAST(sum(CAST('0x' || substr(md5(" + String.join(" || '|' || ", lake)
                    + "), 1, 8) AS BIGINT)) AS BIGINT) FROM stage.pagila_" + table;
            try {
                Eventually.within(BOUND, () -> pipeline.query(actual).toString(), expected::equals);
            } catch (AssertionError e) {
                throw new AssertionError("stage.pagila_" + table + " is not " + expected, e);
            }
        }
    }

    private static String sourceText(String column, String type) {
        return switch (type) {
            case "ARRAY" -> "array_to_string(" + column + ", '|')";
            case "bytea" -> "encode(" + column + ", 'hex')";
            case "timestamp with time zone" -> "to_char(" + column + " AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')";
            default -> column + "::text";
        };
    }

    private static String lakeText(String column, String type) {
        return switch (type) {
            case "ARRAY" -> "array_to_string(" + column + ", '|')";
            case "bytea" -> "lower(hex(" + column + "))";
            // The lake keeps the padding of char(n), which PostgreSQL's cast to text takes off.
            case "character" -> "rtrim(" + column + ")";
            case "timestamp with time zone" -> "strftime(CAST(" + column + " AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%f')";
            default -> "CAST(" + column + " AS VARCHAR)";
        };
    }

    private static void assertRetail(PipelineProcess pipeline, Path retail) throws Exception {
        String checksum = "SELECT count(*), CAST(sum(CAST(Quantity AS BIGINT)) AS BIGINT),"
                + " CAST(sum(CAST(UnitPrice AS DECIMAL(18, 4)) * 10000) AS BIGINT),"
                + " CAST(sum(CAST('0x' || substr(md5(concat_ws('|', coalesce(InvoiceNo, '~'), coalesce(StockCode, '~'),"
                + " coalesce(Description, '~'), CAST(CAST(Quantity AS BIGINT) AS VARCHAR),"
                + " CAST(CAST(InvoiceDate AS TIMESTAMP) AS VARCHAR), CAST(CAST(UnitPrice AS DECIMAL(18, 4)) AS VARCHAR),"
                + " coalesce(CAST(CAST(CustomerID AS DECIMAL(18, 1)) AS VARCHAR), '~'), Country)), 1, 8) AS BIGINT)) AS"
                + " BIGINT) FROM ";
        String expected;
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement();
                ResultSet row = statement.executeQuery(
                        checksum + "read_csv('" + retail + "/*.csv.gz', all_varchar = true, header = true)")) {
            row.next();
            expected =
                    "[[" + row.getLong(1) + "," + row.getLong(2) + "," + row.getLong(3) + "," + row.getLong(4) + "]]";
        }
        assertThat(expected).startsWith("[[245903,");
        assertThat(pipeline.query(checksum + "raw.retail_sales").toString()).isEqualTo(expected);
        assertThat(pipeline.query("SELECT count(DISTINCT _file) FROM raw.retail_sales")
                        .toString())
                .isEqualTo("[[167]]");
    }

    private static void fill(EmbeddedPostgresServer postgres, Path pagila) throws Exception {
        try (Connection connection = postgres.connect("pagila");
                BufferedReader schema = Files.newBufferedReader(pagila.resolve("pagila-schema.sql"));
                InputStream compressed = Files.newInputStream(pagila.resolve("pagila-data.sql.gz"));
                BufferedReader rows = new BufferedReader(
                        new InputStreamReader(new GZIPInputStream(compressed), StandardCharsets.UTF_8))) {
            SqlDump.run(connection, schema);
            SqlDump.run(connection, rows);
        }
    }

    private static Path project(Path directory, EmbeddedPostgresServer postgres, Path retail) throws Exception {
        Path project = Files.createDirectories(directory.resolve("project"));
        Path inbox = Files.createDirectories(project.resolve("inbox"));
        try (Stream<Path> files = Files.list(retail)) {
            files.forEach(file -> copy(file, inbox));
        }
        Files.writeString(project.resolve("levada.yaml"), """
                project: real
                flush: 1s
                sources:
                  pagila:
                    type: postgres
                    url: %s
                    user: %s
                    password: %s
                    tables: [%s]
                  retail:
                    type: files
                    path: inbox
                    format: csv
                    table: sales
                """.formatted(
                        postgres.url("pagila"), postgres.user(), postgres.password(), String.join(", ", TABLES)));
        return project;
    }

    private static void copy(Path file, Path folder) {
        try {
            Files.copy(file, folder.resolve(file.getFileName()));
        } catch (java.io.IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
