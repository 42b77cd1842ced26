package io.levada.catalog.commit;

import static io.levada.catalog.commit.TestLake.changes;
import static io.levada.catalog.commit.TestLake.file;
import static io.levada.catalog.commit.TestLake.ids;
import static org.assertj.core.api.Assertions.assertThat;

import io.levada.events.Cause;
import io.levada.events.FilesWritten;
import io.levada.events.TableCommitted;
import io.levada.events.Topics;
import io.levada.lake.ContentSnapshot;
import io.levada.lake.LakeCatalog;
import io.levada.testing.EmbeddedKafka;
import io.levada.testing.Eventually;
import io.levada.testing.FreePorts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Maintenance inside the running service, beside its committer.
class MaintenanceServiceIT {
    private static final Duration BOUND = Eventually.PATIENCE;
    private static final String NAME = "raw.s_t";
    private static final int EVENTS = 60;

    @TempDir
    private Path directory;

    @Test
    void compactsATableWhileEventsAreCommittedToItAndAnnouncesTheRewrite() throws Exception {
        List<Integer> ports = FreePorts.of(2);
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"), ports.getFirst(), ports.getLast());
                RunningCatalog service = RunningCatalog.start(directory, kafka.bootstrapServers(), (_, _) -> {});
                LakeCatalog lake = LakeCatalog.connect(service.uri("/iceberg"))) {
            Table table = TestLake.create(lake.iceberg(), NAME, directory);
            List<FilesWritten> events = new ArrayList<>();
            for (int i = 0; i < EVENTS; i++) {
                events.add(changes("e" + i, NAME, i, i + 1, file(table, i)));
            }

            // When runs are asked for again and again while events come
            long run = 0;
            for (FilesWritten event : events) {
                RunningCatalog.send(kafka.bootstrapServers(), event);
                run = service.json("POST", "/v1/maintenance", "").get("run").asLong();
            }
            // and all events come once more
            RunningCatalog.send(kafka.bootstrapServers(), events.toArray(FilesWritten[]::new));
            long last = run;
            Eventually.within(
                    BOUND,
                    service::status,
                    status -> status.get("pendingEvents").asLong() == 0);
            Eventually.within(
                    BOUND,
                    () -> service.json("GET", "/v1/maintenance", ""),
                    state -> state.get("finished").asLong() >= last);
            long end = service.json("POST", "/v1/maintenance", "").get("run").asLong();
            JsonNode state = Eventually.within(
                    BOUND,
                    () -> service.json("GET", "/v1/maintenance", ""),
                    answer -> answer.get("finished").asLong() >= end);

            // Then nothing is lost and nothing is there twice
            Table now = lake.load(NAME).orElseThrow();
            assertThat(ids(now))
                    .containsExactlyElementsOf(
                            LongStream.range(0, EVENTS).boxed().toList());
            assertThat(Long.parseLong(now.currentSnapshot().summary().get("total-data-files")))
                    .isLessThan(EVENTS / 2);
            JsonNode report = state.get("tables").get(0);
            assertThat(report.get("table").asString()).isEqualTo(NAME);
            assertThat(report.get("problems")).isEmpty();
            assertThat(state.get("state").asString()).isEqualTo("IDLE");
            List<TableCommitted> announced = Eventually.within(
                    BOUND,
                    () -> RunningCatalog.events(
                            kafka.bootstrapServers(), Topics.TABLE_COMMITTED, NAME, TableCommitted.class),
                    list -> list.getLast().snapshotId() == now.currentSnapshot().snapshotId());
            assertThat(announced).extracting(TableCommitted::cause).contains(Cause.CHANGES, Cause.COMPACTION);
            assertThat(announced).doesNotHaveDuplicates();
            assertThat(ContentSnapshot.current(now)).isNotNull();
        }
    }

    @Test
    void refusesAnOrderForATableThatIsNotThere() throws Exception {
        try (RunningCatalog service =
                RunningCatalog.start(directory, "127.0.0.1:" + FreePorts.of(1).getFirst(), (_, _) -> {})) {
            JsonNode problem = service.json("POST", "/v1/maintenance", "{\"table\": \"raw.none\"}");

            assertThat(problem.get("code").asString()).isEqualTo("TABLE_MISSING");
            assertThat(problem.get("nextStep").asString()).isNotEmpty();
        }
    }
}
