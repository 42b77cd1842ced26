package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.Eventually;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Stops the JVM at every step on the way of a file into the lake, again and again, while one file is replaced and the
/// quarantined record of another is taken in again; then each version and each record is there once.
///
/// Runs in `mvn verify -Pdelivery`; `-Ddelivery.rounds=N` stops it so many times at each step.
@Tag("delivery")
class FileKillIT {
    private static final Duration BOUND = Eventually.PATIENCE;
    private static final List<String> STEPS =
            List.of("FILE_SPOOLED", "FILE_ANNOUNCED", "FILE_CLOSED", "BEFORE_TRANSACTION", "AFTER_TRANSACTION");
    private static final int ROUNDS = Integer.getInteger("delivery.rounds", 3);
    private static final String TABLE = "raw.drops_rows";

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void takesEachVersionAndEachRecordOnceWhereverItIsKilled(@TempDir Path directory) throws Exception {
        Path project = Files.createDirectories(directory.resolve("project"));
        Path data = directory.resolve("data");
        define(project, "");
        put(project, "first.csv", "id,price\n1,1.5\n");
        try (PipelineProcess first = PipelineProcess.run(project, data).awaitReady()) {
            awaitRows(first, "SELECT id FROM stage.drops_rows", "[[1]]");
            put(project, "bad.csv", "id,price\n2,2.5\n3,n/a\n");
            awaitRows(first, "SELECT line FROM raw.quarantine", "[[2]]");
        }

        int turns = ROUNDS * STEPS.size();
        for (int turn = 1; turn <= turns; turn++) {
            String step = STEPS.get(turn % STEPS.size());
            try (PipelineProcess halting = PipelineProcess.halting(project, data, "landing." + step, TABLE)) {
                put(project, "daily.csv", "id,price\n" + (1000 + turn) + "," + turn + "\n1000," + turn + "\n");
                Eventually.within(BOUND, () -> !halting.isAlive() || replay(halting), done -> done);
                assertThat(halting.awaitExit(BOUND)).as(step).isEqualTo(HaltingPipeline.HALTED);
            }
        }

        define(project, "csv: {\"null\": n/a}");
        try (PipelineProcess last = PipelineProcess.run(project, data).awaitReady()) {
            awaitRows(
                    last,
                    "SELECT id, price FROM stage.drops_rows WHERE id >= 1000 ORDER BY id",
                    "[[1000,%d.0],[%d,%d.0]]".formatted(turns, 1000 + turns, turns));
            Eventually.within(BOUND, () -> replay(last), done -> done);
            awaitRows(
                    last,
                    "SELECT id, price FROM stage.drops_rows WHERE id < 1000 ORDER BY id",
                    "[[1,1.5],[2,2.5],[3,null]]");

            assertThat(last.query("SELECT count(*) - count(DISTINCT _pos) FROM " + TABLE)
                            .toString())
                    .isEqualTo("[[0]]");
            assertThat(last.query("SELECT id, count(*) FROM " + TABLE + " WHERE id < 1000 GROUP BY id ORDER BY id")
                            .toString())
                    .isEqualTo("[[1,1],[2,1],[3,1]]");
            assertThat(last.query("SELECT price, count(*) FROM " + TABLE
                                    + " WHERE id >= 1000 GROUP BY price HAVING count(*) <> 2")
                            .toString())
                    .as("versions that were not taken in whole, once")
                    .isEqualTo("[]");
        }
    }

    private static void define(Path project, String settings) throws IOException {
        Files.createDirectories(project.resolve("inbox"));
        Files.writeString(project.resolve("levada.yaml"), """
                project: killed
                flush: 300ms
                sources:
                  drops:
                    type: files
                    path: inbox
                    format: csv
                    table: rows
                    changed-files: replace
                    %s
                """.formatted(settings));
    }

    /// Puts a whole file into the folder, or another in its place.
    private static void put(Path project, String name, String text) throws IOException {
        Path written = Files.writeString(project.resolve(name), text);
        Files.move(written, project.resolve("inbox").resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    /// @return whether the order was carried out; it may have been where this is not known
    private boolean replay(PipelineProcess pipeline) throws InterruptedException {
        try {
            return http.send(
                                    HttpRequest.newBuilder(
                                                    URI.create(pipeline.ports().url(LevadaService.INGEST)
                                                            + "/v1/sources/drops/quarantine/replay"))
                                            .header("Content-Type", "application/json")
                                            .POST(HttpRequest.BodyPublishers.ofString("{}"))
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private static void awaitRows(PipelineProcess pipeline, String sql, String wanted) {
        Eventually.within(BOUND, () -> rows(pipeline, sql), wanted::equals);
    }

    private static String rows(PipelineProcess pipeline, String sql) throws Exception {
        try {
            return pipeline.query(sql).toString();
        } catch (IllegalStateException e) {
            // The table is not there yet.
            return String.valueOf(e.getMessage());
        }
    }
}
