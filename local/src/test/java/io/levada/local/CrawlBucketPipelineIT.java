package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.EmbeddedS3Server;
import io.levada.testing.Eventually;
import io.levada.testing.FaultyS3;
import io.levada.testing.FaultyS3.Fault;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/// A pipeline whose lake is in a bucket crawls another one: by command, and by a `crawls:` that is written into
/// `levada.yaml` while it runs. Queries, a curated table and the warehouse read what it registers, though the bucket
/// throttles.
final class CrawlBucketPipelineIT {
    private static final String COLUMNS = "count(*), sum(id), count(DISTINCT day), count(city), max(city)";

    @TempDir
    private Path directory;

    private Path project;

    @BeforeEach
    void makeProject() throws IOException {
        project = Files.createDirectories(directory.toRealPath().resolve("project"));
        Files.createDirectories(project.resolve("inbox"));
    }

    private static void write(Path folder, int from, int rows) throws SQLException {
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute("COPY (SELECT i AS id, 'p' || i AS product, 'd' || i % 4 AS day,"
                    + " CASE i % 3 WHEN 0 THEN NULL ELSE 'São ' || (i % 3) END AS city FROM range(" + from + ", "
                    + (from + rows) + ") r(i)) TO '" + folder + "' (FORMAT parquet, PARTITION_BY (day, city))");
        }
    }

    private static void upload(EmbeddedS3Server server, Path folder, String prefix) throws Exception {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                server.put("exports", prefix + "/" + folder.relativize(file), file);
            }
        }
    }

    private void define(FaultyS3 bucket, String more) throws Exception {
        Files.writeString(project.resolve("levada.yaml"), """
                project: crawling
                flush: 1s
                lake: {location: "s3://lake/prod", endpoint: "%s"}
                sources: {sales: {type: files, path: inbox, format: csv, table: orders}}
                %s
                """.formatted(bucket.endpoint(), more));
    }

    @Test
    void readsWhatItCrawlsInABucket() throws Exception {
        Path sales = directory.resolve("sales");
        write(sales, 0, 1_000);
        try (EmbeddedS3Server server = EmbeddedS3Server.start();
                FaultyS3 bucket = FaultyS3.before(server.endpoint())) {
            server.createBucket("lake");
            server.createBucket("exports");
            upload(server, sales, "in/sales");
            define(bucket, "");
            try (PipelineProcess pipeline = PipelineProcess.run(
                            project,
                            directory.resolve("data"),
                            Map.of(
                                    "AWS_ACCESS_KEY_ID", EmbeddedS3Server.ACCESS_KEY,
                                    "AWS_SECRET_ACCESS_KEY", EmbeddedS3Server.SECRET_KEY))
                    .awaitReady()) {
                bucket.plan(throttling());
                assertThat(levada(pipeline, 0, "crawl", "s3://exports/in/")).contains("s3://exports/in/sales");
                assertThat(rows(pipeline.query("SELECT " + COLUMNS + " FROM raw.sales")))
                        .containsExactly("1000|499500|4|666|São 2");
                assertThat(rows(pipeline.query("SELECT count(*) FROM raw.sales WHERE day = 'd1' AND city = 'São 1'")))
                        .containsExactly("84");
                assertThat(bucket.struck(Fault.SLOW_DOWN)).isPositive();
                bucket.plan(_ -> Fault.NONE);
                assertThat(levada(pipeline, 1, "crawl", "s3://nowhere/in")).contains("CRAWL_BUCKET_MISSING");
                assertThat(levada(pipeline, 1, "crawl", "s3://exports/empty")).contains("CRAWL_NOTHING_FOUND");

                followsTheDefinition(pipeline, server, bucket);
                pipeline.stop();
            }
        }
    }

    /// A crawl that is written into the definition begins, and finds what comes later.
    private void followsTheDefinition(PipelineProcess pipeline, EmbeddedS3Server server, FaultyS3 bucket)
            throws Exception {
        Files.writeString(project.resolve("days.sql"), "SELECT day, count(*) AS sales FROM raw.scheduled GROUP BY day");
        Path first = directory.resolve("first");
        write(first, 0, 12);
        upload(server, first, "scheduled");
        define(bucket, """
                crawls: {scheduled: {location: "s3://exports/scheduled", every: 500ms}}
                tables: {curated.days: {sql: days.sql}}
                warehouse: {loads: {shop.scheduled: {from: raw.scheduled, key: [id]}}}
                """);
        awaitAnswer(pipeline, LevadaService.QUERY, "SELECT sum(sales)::BIGINT FROM curated.days", "12");

        Path second = directory.resolve("second");
        write(second, 12, 30);
        upload(server, second, "scheduled/more");

        awaitAnswer(pipeline, LevadaService.QUERY, "SELECT sum(sales)::BIGINT FROM curated.days", "42");
        awaitAnswer(
                pipeline,
                LevadaService.WAREHOUSE,
                "SELECT concat_ws('|', count(*), sum(id), count(DISTINCT day), count(city)) FROM shop.scheduled",
                "42|861|4|28");
    }

    private static void awaitAnswer(PipelineProcess pipeline, LevadaService service, String sql, String wanted) {
        Eventually.within(
                Eventually.PATIENCE,
                () -> assertThat(rows(pipeline.query(service, sql))).containsExactly(wanted));
    }

    /// One of three requests is refused.
    private static FaultyS3.Plan throttling() {
        Random random = new Random(20261122L);
        return _ -> random.nextInt(3) == 0 ? Fault.SLOW_DOWN : Fault.NONE;
    }

    private static List<String> rows(JsonNode answer) {
        List<String> rows = new ArrayList<>();
        for (JsonNode row : answer) {
            List<String> cells = new ArrayList<>();
            row.forEach(cell -> cells.add(cell.asString("null")));
            rows.add(String.join("|", cells));
        }
        return rows;
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
