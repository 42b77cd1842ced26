package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.EmbeddedPostgresServer;
import io.levada.testing.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.json.JsonMapper;

/// Changes the files of a project whose pipeline runs, while rows are inserted into `item` of the database `shop`.
final class ChangedDefinition {
    private static final Duration BOUND = Eventually.PATIENCE;
    private static final String DATABASE = "shop";
    private static final int FIRST = 1000;

    private final Path project;
    private final EmbeddedPostgresServer postgres;
    private final PipelineProcess pipeline;

    ChangedDefinition(Path project, EmbeddedPostgresServer postgres, PipelineProcess pipeline) {
        this.project = project;
        this.postgres = postgres;
        this.pipeline = pipeline;
    }

    /// @param before the text of `levada.yaml`, with one source `shop` that has the table `item`
    void isAppliedWhileChangesGoOn(String before) throws Exception {
        postgres.execute(DATABASE, "CREATE TABLE audit (id int PRIMARY KEY)", "INSERT INTO audit VALUES (1), (2), (3)");
        try (Inserts inserts = new Inserts(postgres)) {
            String after = takesInTablesASourceAndSql(before);
            leavesAWrongDefinitionAlone(after);
            leavesOtherSourcesAlone(after);
            leavesTablesUnmaintained(after);
            takesOutAndKeepsTheData(before);
            int last = inserts.end();
            await("SELECT max(id) FROM stage.shop_item", Integer.toString(last));
            assertThat(pipeline.query(
                                    "SELECT count(*), count(DISTINCT id) FROM raw.shop_item WHERE _op = 'c' AND id >= "
                                            + FIRST)
                            .toString())
                    .as("every insert is there once")
                    .isEqualTo("[[%d,%d]]".formatted(last - FIRST + 1, last - FIRST + 1));
        }
    }

    private String takesInTablesASourceAndSql(String before) throws Exception {
        Files.createDirectories(project.resolve("more"));
        Files.writeString(project.resolve("more/first.csv"), "id,what\n1,a\n2,b\n");
        Files.writeString(project.resolve("total.sql"), "SELECT count(*) AS rows FROM stage.shop_audit");
        Files.writeString(project.resolve("newest.sql"), "SELECT 1 AS one");
        String after = before.replace("[item]", "[item, audit, absent]") + """
                  more: {type: files, path: more, format: csv, table: rows}
                tables: {curated.total: {sql: total.sql, mode: full}}
                queries: {newest: {sql: newest.sql}}
                warehouse: {loads: {dwh.total: {from: curated.total}}}
                """;
        write(after);

        await("SELECT count(*) FROM raw.more_rows", "2");
        await("SELECT rows FROM curated.total", "3");
        awaitStatus("CAPTURE-UNKNOWN-TABLE");
        Eventually.within(
                BOUND,
                () -> pipeline.status().orElseThrow().warehouseRows().getOrDefault("dwh.total", 0L),
                rows -> rows == 1);

        Files.writeString(project.resolve("total.sql"), "SELECT 'changed' AS rows");
        Files.writeString(project.resolve("newest.sql"), "SELECT 2 AS one");
        await("SELECT rows FROM curated.total", "\"changed\"");
        Eventually.within(
                BOUND,
                () -> pipeline.get(LevadaService.QUERY, "/api/newest").body(),
                body -> body.equals("[{\"one\":2}]"));
        return after;
    }

    private void leavesAWrongDefinitionAlone(String after) throws Exception {
        write(after.replace("path: more, ", ""));
        awaitStatus("nothing of it is applied and what ran goes on: DEF-");
        write(after + "lake: {location: elsewhere}\n");
        awaitStatus("another lake.location, which a running pipeline can not take over");
        long rows = count("SELECT count(*) FROM raw.shop_item");
        Eventually.within(BOUND, () -> count("SELECT count(*) FROM raw.shop_item"), now -> now > rows);
    }

    /// A capture that is started anew counts its changes anew.
    private void leavesOtherSourcesAlone(String running) throws Exception {
        Files.createDirectories(project.resolve("third"));
        Files.writeString(project.resolve("third/first.csv"), "id\n1\n");
        long before = changes();
        write(running.replace("  more: {", "  third: {type: files, path: third, format: csv, table: rows}\n  more: {"));
        await("SELECT count(*) FROM raw.third_rows", "1");
        assertThat(changes()).as("changes since the capture was started").isGreaterThanOrEqualTo(before);
    }

    private void leavesTablesUnmaintained(String running) throws Exception {
        awaitMaintenance("IDLE");
        write(running + "maintenance: {enabled: false}\n");
        awaitMaintenance("OFF");
    }

    private void awaitMaintenance(String state) {
        Eventually.within(
                BOUND,
                () -> pipeline.get(LevadaService.CATALOG, "/v1/maintenance").body(),
                body -> body.contains("\"state\":\"" + state + "\""));
    }

    private long changes() throws Exception {
        return JsonMapper.shared()
                .readTree(pipeline.get(LevadaService.INGEST, "/v1/status").body())
                .get("sources")
                .get(0)
                .get("changes")
                .asLong();
    }

    private void takesOutAndKeepsTheData(String before) throws Exception {
        write(before);
        Eventually.within(
                BOUND,
                () -> pipeline.status()
                        .map(status -> status.ingest().toString())
                        .orElse(""),
                status -> status.contains("\"definitionChange\":null")
                        && status.contains("raw.shop_item")
                        && !status.contains("raw.shop_audit")
                        && !status.contains("raw.more_rows"));
        assertThat(count("SELECT count(*) FROM stage.shop_audit")).isEqualTo(3);
        assertThat(count("SELECT count(*) FROM raw.more_rows")).isEqualTo(2);
    }

    private void write(String definition) throws IOException {
        Files.writeString(project.resolve("levada.yaml"), definition);
    }

    private void awaitStatus(String words) {
        Eventually.within(
                BOUND,
                () -> pipeline.status()
                        .map(status -> status.ingest().toString())
                        .orElse(""),
                status -> status.contains(words));
    }

    private void await(String sql, String wanted) {
        Eventually.within(BOUND, () -> one(sql), wanted::equals);
    }

    private long count(String sql) throws Exception {
        return pipeline.query(sql).path(0).path(0).asLong();
    }

    private String one(String sql) throws Exception {
        try {
            return pipeline.query(sql).path(0).path(0).toString();
        } catch (IllegalStateException e) {
            // The table is not there yet.
            return "";
        }
    }

    /// Inserts into `item` without end, each with the next id.
    private static final class Inserts implements AutoCloseable {
        private static final Duration PACE = Duration.ofMillis(20);

        private final AtomicBoolean stopped = new AtomicBoolean();
        private final CompletableFuture<Integer> last;

        Inserts(EmbeddedPostgresServer postgres) {
            this.last = CompletableFuture.supplyAsync(() -> {
                int id = FIRST - 1;
                try (Connection connection = postgres.connect(DATABASE);
                        PreparedStatement insert = connection.prepareStatement("INSERT INTO item VALUES (?)")) {
                    while (!stopped.get()) {
                        insert.setInt(1, ++id);
                        insert.executeUpdate();
                        LockSupport.parkNanos(PACE.toNanos());
                    }
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
                return id;
            });
        }

        /// @return the newest id
        int end() {
            stopped.set(true);
            return last.join();
        }

        @Override
        public void close() {
            stopped.set(true);
        }
    }
}
