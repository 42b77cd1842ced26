package io.levada.catalog.commit;

import static io.levada.catalog.commit.TestLake.changes;
import static io.levada.catalog.commit.TestLake.file;
import static io.levada.catalog.commit.TestLake.ids;
import static org.assertj.core.api.Assertions.assertThat;

import io.levada.catalog.CommitStep;
import io.levada.events.TableCommitted;
import io.levada.events.Topics;
import io.levada.lake.LakeCatalog;
import io.levada.testing.EmbeddedKafka;
import io.levada.testing.Eventually;
import io.levada.testing.FreePorts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogRestartIT {
    private static final Duration BOUND = Eventually.PATIENCE;
    private static final String NAME = "raw.s_t";

    @TempDir
    private Path directory;

    @Test
    void startsWhileKafkaIsAwayThenAnnouncesAndSettlesWhatAStopLeftBehind() throws Exception {
        List<Integer> ports = FreePorts.of(2);
        // Given a service that is up, and a Kafka that comes later
        try (RunningCatalog early = RunningCatalog.start(directory, "127.0.0.1:" + ports.getFirst(), (_, _) -> {})) {
            assertThat(early.call("GET", "/actuator/health/liveness", "").statusCode())
                    .isEqualTo(200);
            assertThat(early.call("GET", "/actuator/health/readiness", "").statusCode())
                    .isEqualTo(503);
            assertThat(early.call("GET", "/iceberg/v1/config", "").statusCode()).isEqualTo(200);
            assertThat(early.status().get("pendingEvents").asLong()).isNegative();
            try (EmbeddedKafka kafka =
                    EmbeddedKafka.start(directory.resolve("kafka"), ports.getFirst(), ports.getLast())) {
                Eventually.within(
                        BOUND,
                        () -> early.call("GET", "/actuator/health/readiness", "")
                                .statusCode(),
                        status -> status == 200);
                early.close();
                announcesAndSettlesWhatAStopLeftBehind(kafka);
            }
        }
    }

    private void announcesAndSettlesWhatAStopLeftBehind(EmbeddedKafka kafka) throws Exception {
        // Given a service that commits and announces nothing, and a table that waits for its first range
        try (RunningCatalog service = RunningCatalog.start(directory, kafka.bootstrapServers(), (step, _) -> {
                    if (step == CommitStep.BEFORE_SWEEP) {
                        throw new IllegalStateException("stopped here");
                    }
                });
                LakeCatalog lake = LakeCatalog.connect(service.uri("/iceberg"))) {
            Table table = TestLake.create(lake.iceberg(), NAME, directory);
            RunningCatalog.send(
                    kafka.bootstrapServers(),
                    changes("e0", "raw.s_late", 0, 1, file(table, 7)),
                    changes("e1", NAME, 0, 2, file(table, 1)),
                    changes("e2", NAME, 2, 3, file(table, 2)));
            Eventually.within(
                    BOUND, () -> assertThat(ids(lake.load(NAME).orElseThrow())).containsExactly(1L, 2L));
        }
        assertThat(announced(kafka)).isEmpty();

        // When it starts again
        try (RunningCatalog service = RunningCatalog.start(directory, kafka.bootstrapServers(), (_, _) -> {});
                LakeCatalog lake = LakeCatalog.connect(service.uri("/iceberg"))) {
            // Then it announces, repeats nothing, and goes on with the table that waited
            List<TableCommitted> events = Eventually.within(BOUND, () -> announced(kafka), list -> !list.isEmpty());
            assertThat(events.getLast().snapshotId())
                    .isEqualTo(lake.load(NAME).orElseThrow().currentSnapshot().snapshotId());
            TestLake.create(lake.iceberg(), "raw.s_late", directory);
            Eventually.within(
                    BOUND,
                    () -> assertThat(ids(lake.load("raw.s_late").orElseThrow())).containsExactly(7L));
            assertThat(ids(lake.load(NAME).orElseThrow())).containsExactly(1L, 2L);
            Eventually.within(
                    BOUND,
                    service::status,
                    status -> status.get("pendingEvents").asLong() == 0);
        }
    }

    private static List<TableCommitted> announced(EmbeddedKafka kafka) {
        return RunningCatalog.events(kafka.bootstrapServers(), Topics.TABLE_COMMITTED, NAME, TableCommitted.class);
    }
}
