package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.EmbeddedPostgresServer;
import io.levada.testing.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.replication.LogSequenceNumber;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Stops the JVM exactly between two steps, one after the other on one data directory, with a change or a file in
/// flight each time, and with a change that the lake can not hold; everything is there once in the end, in its table or
/// in quarantine.
class CrashPointIT {
    private static final Duration BOUND = Eventually.PATIENCE;
    private static final String RAW = "raw.shop_item";
    private static final String STAGE = "stage.shop_item";
    private static final String QUARANTINE = "raw.quarantine";
    private static final String DROPPED = "raw.drops_rows";

    private record Point(String step, String table) {}

    private static final List<Point> ALL = List.of(
            new Point("landing.FILE_CLOSED", RAW),
            new Point("landing.BEFORE_TRANSACTION", RAW),
            new Point("landing.AFTER_TRANSACTION", RAW),
            new Point("commit.AFTER_COMMIT", QUARANTINE),
            new Point("commit.BEFORE_COMMIT", RAW),
            new Point("commit.AFTER_COMMIT", RAW),
            new Point("commit.BEFORE_SWEEP", RAW),
            new Point("transform.FILES_CLOSED", STAGE),
            new Point("transform.AFTER_OFFER", STAGE),
            new Point("load.BEFORE_COMMIT", "shop.item"),
            new Point("load.AFTER_COMMIT", "shop.item"),
            new Point("landing.FILE_SPOOLED", DROPPED),
            new Point("landing.FILE_ANNOUNCED", DROPPED),
            new Point("landing.BEFORE_TRANSACTION", DROPPED),
            new Point("landing.AFTER_TRANSACTION", DROPPED),
            new Point("commit.AFTER_COMMIT", DROPPED));

    /// Each of the others has one beside it in the plain build.
    private static final Set<Point> LONG = Set.of(
            new Point("landing.FILE_CLOSED", RAW),
            new Point("landing.BEFORE_TRANSACTION", RAW),
            new Point("commit.AFTER_COMMIT", QUARANTINE),
            new Point("commit.BEFORE_COMMIT", RAW),
            new Point("commit.BEFORE_SWEEP", RAW),
            new Point("transform.FILES_CLOSED", STAGE),
            new Point("load.AFTER_COMMIT", "shop.item"),
            new Point("landing.FILE_SPOOLED", DROPPED),
            new Point("landing.BEFORE_TRANSACTION", DROPPED),
            new Point("commit.AFTER_COMMIT", DROPPED));

    private static final List<Point> POINTS = ALL.stream()
            .filter(point -> Boolean.getBoolean("levada.points.all") || !LONG.contains(point))
            .toList();

    private static final int CHANGES = (int)
            POINTS.stream().filter(point -> !point.table().equals(DROPPED)).count();

    @Test
    void losesAndRepeatsNothingWhereverItStops(@TempDir Path directory) throws Exception {
        try (EmbeddedPostgresServer postgres = EmbeddedPostgresServer.start(directory.resolve("postgres"))) {
            postgres.createDatabase("shop");
            postgres.execute(
                    "shop",
                    "CREATE TABLE item (id int PRIMARY KEY, name text, due date)",
                    "INSERT INTO item VALUES (100, 'load', '2026-01-01'), (101, 'load', 'infinity'), (102, 'load', '2026-01-02')");
            Path project = project(directory, postgres);
            Path data = directory.resolve("data");
            load(project, data);

            for (int i = 0; i < POINTS.size(); i++) {
                Point point = POINTS.get(i);
                try (PipelineProcess halting = PipelineProcess.halting(project, data, point.step(), point.table())) {
                    if (point.table().equals(DROPPED)) {
                        Files.writeString(
                                project.resolve("inbox/" + i + ".csv"), "id,name\n" + i + ",a\n-" + i + ",b\n");
                    } else {
                        postgres.execute(
                                "shop",
                                "INSERT INTO item VALUES (" + i + ", '" + point.step() + "', '2026-02-01'), ("
                                        + (200 + i)
                                        + ", '" + point.step() + "', '-infinity'), (" + (300 + i) + ", '" + point.step()
                                        + "', NULL)");
                    }
                    assertThat(halting.awaitExit(BOUND)).as(point.toString()).isEqualTo(HaltingPipeline.HALTED);
                }
            }

            try (PipelineProcess last = PipelineProcess.run(project, data).awaitReady()) {
                String expected = counted(2 + 2 * CHANGES);
                String dropped = counted(2 * (POINTS.size() - CHANGES));
                Eventually.within(
                        BOUND,
                        () -> last.query(LevadaService.WAREHOUSE, counts("shop.item"))
                                .toString(),
                        expected::equals);
                Eventually.within(BOUND, () -> last.query(counts(DROPPED)).toString(), dropped::equals);
                assertThat(last.query(counts(RAW)).toString()).isEqualTo(expected);
                assertThat(last.query(counts(STAGE)).toString()).isEqualTo(expected);
                assertCompleteTo(postgres, last);
                assertQuarantine(last);
                assertColumnsFollow(postgres, last);
            }
        }
    }

    private static void assertQuarantine(PipelineProcess pipeline) throws Exception {
        int bad = 1 + CHANGES;
        assertThat(pipeline.query(
                                "SELECT count(*), count(DISTINCT position), min(code), max(code), count(*) FILTER (decode(raw) LIKE"
                                        + " '%infinity%') FROM raw.quarantine WHERE source = 'shop' AND table_name = 'raw.shop_item'")
                        .toString())
                .isEqualTo(
                        "[[%d,%d,\"CAPTURE-VALUE-UNMAPPED\",\"CAPTURE-VALUE-UNMAPPED\",%d]]".formatted(bad, bad, bad));
        assertThat(pipeline.query("SELECT decode(raw) FROM raw.quarantine WHERE decode(raw) LIKE '%101%'")
                        .path(0)
                        .path(0)
                        .asString())
                .isEqualTo("{\"id\":\"101\",\"name\":\"load\",\"due\":\"infinity\"}");
    }

    /// Columns that come while the source streams, and one that becomes wider.
    private static void assertColumnsFollow(EmbeddedPostgresServer postgres, PipelineProcess pipeline)
            throws Exception {
        postgres.execute(
                "shop",
                "ALTER TABLE item ADD COLUMN note text, ADD COLUMN price numeric(4,2)",
                "INSERT INTO item VALUES (400, 'added', NULL, 'noted', 12.50)",
                "ALTER TABLE item ALTER price TYPE numeric(8,2)",
                "INSERT INTO item VALUES (401, 'wider', NULL, NULL, 123456.50), (402, 'bad', 'infinity', NULL, 1)",
                "UPDATE item SET due = '2026-03-01' WHERE id = 402");

        String rows = "SELECT id, note, CAST(price AS VARCHAR) FROM %s WHERE id >= 400 OR id = 100 ORDER BY id";
        String expected = "[[100,null,null],[400,\"noted\",\"12.50\"],[401,null,\"123456.50\"],[402,null,\"1.00\"]]";
        Eventually.within(BOUND, () -> pipeline.query(rows.formatted(STAGE)).toString(), expected::equals);
        assertThat(pipeline.query(rows.formatted(RAW)).toString()).isEqualTo(expected);
        assertThat(pipeline.query("SELECT count(*) FROM raw.quarantine").toString())
                .isEqualTo("[[" + (2 + CHANGES) + "]]");
        assertThat(pipeline.status()
                        .orElseThrow()
                        .ingest()
                        .path("sources")
                        .path(0)
                        .path("tables")
                        .path(0)
                        .path("quarantinedRows")
                        .asInt())
                .as("since the process started: at least the row of now, at most all but that of the load")
                .isBetween(1, 1 + CHANGES);
        assertThat(pipeline.get(LevadaService.INGEST, "/actuator/prometheus").body())
                .contains("levada_ingest_rows_quarantined_rows_total{")
                .contains("code=\"CAPTURE-VALUE-UNMAPPED\"")
                .contains("table=\"raw.shop_item\"");
        assertTypeFollows(postgres, pipeline);
    }

    /// A type that the column's can not be promoted to: the table is loaded again, and raw keeps what it held.
    private static void assertTypeFollows(EmbeddedPostgresServer postgres, PipelineProcess pipeline) throws Exception {
        postgres.execute(
                "shop",
                "ALTER TABLE item ALTER note TYPE int USING length(note)",
                "INSERT INTO item VALUES (403, 'number', NULL, 9, NULL)");

        Eventually.within(
                BOUND,
                () -> pipeline.query("SELECT id, note, note_was_string FROM " + STAGE + " WHERE id >= 400 ORDER BY id")
                        .toString(),
                "[[400,5,null],[401,null,null],[402,null,null],[403,9,null]]"::equals);
        assertThat(pipeline.query("SELECT note, note_was_string FROM " + RAW + " WHERE id = 400 AND _op = 'c'")
                        .toString())
                .isEqualTo("[[null,\"noted\"]]");
    }

    private static String counted(long rows) {
        return "[[" + rows + "," + rows + "]]";
    }

    /// Nothing changes any more; the tables still go on with the log of their source.
    private static void assertCompleteTo(EmbeddedPostgresServer postgres, PipelineProcess pipeline) throws Exception {
        long end = end(postgres);
        for (String table : List.of(RAW, STAGE)) {
            Eventually.within(
                    BOUND, () -> completeTo(pipeline, LevadaService.QUERY, table), position -> position >= end);
        }
        assertThat(completeTo(pipeline, LevadaService.WAREHOUSE, "shop.item")).isPositive();
        assertThat(completeTo(pipeline, LevadaService.QUERY, RAW))
                .as("no position is ahead of the log")
                .isLessThanOrEqualTo(end(postgres));
    }

    private static long completeTo(PipelineProcess pipeline, LevadaService service, String table) throws Exception {
        JsonNode position = JsonMapper.shared()
                .readTree(pipeline.get(service, "/v1/tables/" + table).body())
                .path("completeTo")
                .path("shop")
                .path("position");
        return position.isString()
                ? LogSequenceNumber.valueOf(position.asString()).asLong()
                : 0;
    }

    private static long end(EmbeddedPostgresServer postgres) throws Exception {
        try (Connection connection = postgres.connect("shop");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_wal_lsn()::text")) {
            row.next();
            return LogSequenceNumber.valueOf(row.getString(1)).asLong();
        }
    }

    private static String counts(String table) {
        return "SELECT count(*), count(DISTINCT id) FROM " + table;
    }

    private static void load(Path project, Path data) throws Exception {
        try (PipelineProcess first = PipelineProcess.run(project, data).awaitReady()) {
            Eventually.within(
                    BOUND,
                    () -> first.status()
                            .map(status -> status.inputCommitted() && status.loaded())
                            .orElse(false),
                    done -> done);
            Eventually.within(
                    BOUND,
                    () -> first.status()
                            .map(status -> status.tableRows().containsKey(STAGE))
                            .orElse(false),
                    done -> done);
        }
    }

    private static Path project(Path directory, EmbeddedPostgresServer postgres) throws Exception {
        Path project = Files.createDirectories(directory.resolve("project"));
        Files.createDirectories(project.resolve("inbox"));
        Files.writeString(project.resolve("levada.yaml"), """
                project: crash
                flush: 300ms
                sources:
                  shop:
                    type: postgres
                    url: %s
                    user: %s
                    password: %s
                    tables: [item]
                  drops:
                    type: files
                    path: inbox
                    format: csv
                    table: rows
                warehouse:
                  loads:
                    shop.item: {from: stage.shop_item, key: [id]}
                """.formatted(
                        postgres.url("shop"), postgres.user(), postgres.password()));
        return project;
    }
}
