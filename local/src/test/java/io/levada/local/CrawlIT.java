package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.TestData;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/// `levada crawl` against a running pipeline; what it registers is compared with DuckDB's own reading of the files.
class CrawlIT {
    private static final Pattern REGISTERED = Pattern.compile("(?m)^(raw\\.\\S+)\\s+(\\S+)\\s+([1-9]\\S*)\\s");

    @TempDir
    private Path directory;

    private Path project;
    private Path data;

    @BeforeEach
    void makeProject() throws IOException {
        directory = directory.toRealPath();
        project = Files.createDirectories(directory.resolve("project"));
        data = Files.createDirectories(directory.resolve("elsewhere"));
        Files.createDirectories(project.resolve("inbox"));
        Files.writeString(
                project.resolve("levada.yaml"),
                "sources: {sales: {type: files, path: inbox, format: csv, table: orders}}\n");
    }

    @Test
    void answersFromCrawledFilesAsTheyAre() throws Exception {
        makeSales();
        int foreign = copyParquetTesting();
        try (PipelineProcess pipeline =
                PipelineProcess.run(project, directory.resolve("data")).awaitReady()) {
            String said = levada(pipeline, 1, "crawl", data.toString());

            assertThat(said).contains("CRAWL_FILE_BROKEN").contains("CRAWL_TYPE_UNSUPPORTED");
            comparesSales(pipeline);
            int compared = comparesParquetTesting(pipeline, said);
            assertThat(compared).as(said).isGreaterThan(foreign / 2);
            readsNothingElse(pipeline);
            addsWhatIsNew(pipeline);
            refuses(pipeline);
            pipeline.stop();
        }
    }

    private void makeSales() throws SQLException {
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute(
                    "COPY (SELECT i AS id, 'p' || i AS product, (i / 4)::DECIMAL(18,2) AS price, {'a': i} AS s,"
                            + " 2020 + i % 3 AS year, CASE i % 4 WHEN 0 THEN NULL ELSE 'São ' || (i % 4) END AS city,"
                            + " TIMESTAMP '2024-01-01' + to_seconds(i) AS happened FROM range(1000) r(i)) TO '" + data
                            + "/sales' (FORMAT parquet, PARTITION_BY (year, city))");
            Files.createDirectories(data.resolve("sales/year=2023/city=x"));
            statement.execute("COPY (SELECT 'later' AS extra, 5000000000 AS ID, {'a': 7::BIGINT, 'b': 'new'} AS s) TO '"
                    + data + "/sales/year=2023/city=x/od[d]*.parquet' (FORMAT parquet)");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void comparesSales(PipelineProcess pipeline) throws Exception {
        String columns =
                "count(*), sum(id), sum(price)::VARCHAR, count(extra), md5(string_agg(concat_ws('|', id, product, price,"
                        + " s.a, s.b, coalesce(city, 'none'), year, happened, extra), ';' ORDER BY id))";
        String files = "read_parquet('" + data + "/sales/*/*/*', hive_partitioning = true, union_by_name = true,"
                + " hive_types = {'year': INTEGER, 'city': VARCHAR})";
        assertThat(rows(pipeline, "SELECT " + columns + " FROM raw.sales"))
                .isEqualTo(direct("SELECT " + columns + " FROM " + files));
        assertThat(rows(pipeline, "SELECT count(*) FROM raw.sales WHERE year = 2021 AND city = 'São 1'"))
                .isEqualTo(direct("SELECT count(*) FROM " + files + " WHERE year = 2021 AND city = 'São 1'"));
        assertThat(rows(pipeline, "SELECT id, extra FROM raw.sales WHERE year = 2023"))
                .isEqualTo("5000000000|later");
    }

    /// Each file in a folder of its own: most have other columns.
    private int copyParquetTesting() throws IOException {
        Path from = TestData.directory("parquet-testing");
        int copied = 0;
        for (String folder : List.of("data", "bad_data")) {
            try (Stream<Path> files = Files.list(from.resolve(folder))) {
                for (Path file : files.filter(path -> path.toString().endsWith(".parquet"))
                        .sorted()
                        .toList()) {
                    Path own = data.resolve(
                            folder + "_" + file.getFileName().toString().replaceAll("[^A-Za-z0-9]", "_"));
                    Files.createDirectories(own);
                    Files.copy(file, own.resolve("part.parquet"));
                    copied++;
                }
            }
        }
        return copied;
    }

    /// @return how many tables gave the rows that the file has
    private int comparesParquetTesting(PipelineProcess pipeline, String said) throws Exception {
        Matcher matcher = REGISTERED.matcher(said);
        Map<String, String> differing = new TreeMap<>();
        int compared = 0;
        while (matcher.find()) {
            String table = matcher.group(1);
            String location = matcher.group(2);
            // One of its strings is larger than the memory of a query.
            if (table.equals("raw.sales") || table.startsWith("raw.data_large_string_map")) {
                continue;
            }
            String expected = safely(() -> direct(digest("read_parquet('" + location + "/part.parquet')")));
            String actual = safely(() -> rows(pipeline, digest(table)));
            if (actual.equals(expected)) {
                compared++;
            } else {
                differing.put(table, shortened(expected) + "\n   -> " + shortened(actual));
            }
        }
        assertThat(differing).isEmpty();
        return compared;
    }

    /// The rows in whatever order; a time of INT96 is one with a zone in Iceberg.
    private static String digest(String relation) {
        return "SELECT count(*), md5(string_agg(replace(t::VARCHAR, '+00', ''), ';' ORDER BY t::VARCHAR)) FROM "
                + relation + " t";
    }

    private static String shortened(String text) {
        return text.substring(0, Math.min(400, text.length()));
    }

    private interface Reading {
        String rows() throws Exception;
    }

    /// A file whose pages are broken fails in both.
    private static String safely(Reading reading) throws Exception {
        try {
            return reading.rows();
        } catch (IllegalStateException | SQLException | AssertionError _) {
            return "fails";
        }
    }

    private void readsNothingElse(PipelineProcess pipeline) {
        for (String sql : List.of(
                "SELECT * FROM read_parquet('" + data + "/sales/**')",
                "SELECT * FROM '" + data + "/data_binary_parquet/part.parquet'",
                "SELECT filename FROM raw.sales",
                "SELECT \"levada path\" FROM raw.sales")) {
            assertThat(levada(pipeline, 1, "query", sql)).containsAnyOf("SQL-REFUSED", "SQL-FAILED");
        }
    }

    private void addsWhatIsNew(PipelineProcess pipeline) throws Exception {
        Path from = data.resolve("sales/year=2020");
        Path to = Files.createDirectories(data.resolve("sales/year=2024/city=y"));
        try (Stream<Path> files = Files.walk(from)) {
            Path file = files.filter(path -> path.toString().endsWith(".parquet"))
                    .findFirst()
                    .orElseThrow();
            Files.copy(file, to.resolve("copied.parquet"));
        }
        String before = rows(pipeline, "SELECT count(*) FROM raw.sales");

        String said = levada(pipeline, 0, "crawl", data.resolve("sales").toString());

        assertThat(said).containsPattern("raw.sales\\s+\\S+\\s+1\\s+\\d+\\s+0\\s");
        assertThat(rows(pipeline, "SELECT count(*) > 0 FROM raw.sales WHERE year = 2024"))
                .isEqualTo("true");
        assertThat(rows(pipeline, "SELECT count(*) FROM raw.sales")).isNotEqualTo(before);
        assertThat(said).doesNotContain("CRAWL_FILE_GONE");
    }

    private void refuses(PipelineProcess pipeline) throws IOException {
        assertThat(levada(pipeline, 1, "crawl", data.resolve("absent").toString()))
                .contains("LOCAL-CRAWL-FAILED")
                .contains("CRAWL_LOCATION");
        Path texts = Files.createDirectories(directory.resolve("texts"));
        Files.writeString(texts.resolve("a.csv"), "id\n1\n");
        assertThat(levada(pipeline, 0, "crawl", texts.toString()))
                .contains("type: files")
                .contains("format: csv");
    }

    private static String rows(PipelineProcess pipeline, String sql) throws Exception {
        List<String> rows = new ArrayList<>();
        for (JsonNode row : pipeline.query(sql)) {
            List<String> cells = new ArrayList<>();
            row.forEach(cell -> cells.add(cell.asString("null")));
            rows.add(String.join("|", cells));
        }
        return String.join("\n", rows);
    }

    /// As DuckDB on its own reads it.
    private static String direct(String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            try (ResultSet result = statement.executeQuery(sql)) {
                while (result.next()) {
                    List<String> cells = new ArrayList<>();
                    for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                        cells.add(String.valueOf(result.getString(i)));
                    }
                    rows.add(String.join("|", cells));
                }
            }
        }
        return String.join("\n", rows);
    }

    private static String levada(PipelineProcess pipeline, int exitCode, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--url", pipeline.ports().url(LevadaService.QUERY)));
        StringWriter said = new StringWriter();
        CommandLine command = Levada.commandLine();
        command.setOut(new PrintWriter(said));
        command.setErr(new PrintWriter(said));
        assertThat(command.execute(all.toArray(String[]::new)))
                .as(() -> said.toString())
                .isEqualTo(exitCode);
        return said.toString();
    }
}
