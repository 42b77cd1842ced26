package io.levada.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.definition.PostgresSource;
import io.levada.ingest.capture.CopiedFiles;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.capture.SourceOrder;
import io.levada.ingest.capture.SourceProblem;
import io.levada.ingest.capture.SourceStatus;
import io.levada.ingest.capture.StopCause;
import io.levada.ingest.changes.Change;
import io.levada.testing.Eventually;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What operators say to a source: each order against a real PostgreSQL and a real Kafka.
@ExtendWith(CaptureServers.Shared.class)
class SourceOrdersIT {
    private final CaptureServers servers;
    private final CopiedFiles loads;

    SourceOrdersIT(CaptureServers servers) {
        this.servers = servers;
        this.loads = servers.files();
    }

    @Test
    void aPausedSourceRestsOverARestartAndGoesOnWithoutALossOrARepeat() throws Exception {
        PostgresSource source = source();
        SourceCapture first = streaming(source);
        insert(source, 1, 100);
        servers.awaitChanges(source, "t", 100);

        order(first, new SourceOrder.Pause(StopCause.wished(source.name())));
        insert(source, 101, 200);
        servers.closeCaptures();
        SourceCapture second = servers.capture(source, loads);
        CaptureServers.awaitState(second, "PAUSED");
        insert(source, 201, 300);

        assertThat(second.status().code()).isEqualTo("CAPTURE-PAUSED");
        assertThat(second.status().nextStep()).contains("./levada source resume " + source.name());
        Eventually.within(CaptureServers.SOON, () -> second.status().retainedBytes(), kept -> kept != null && kept > 0);
        assertThat(servers.changes(source, "t")).hasSize(100);

        order(second, new SourceOrder.Resume());
        List<Change> changes = servers.awaitChanges(source, "t", 300);
        assertThat(CaptureServers.ids(changes)).isEqualTo(numbers(1, 300));
        assertThat(loads(source, "t")).hasSize(1);
    }

    @Test
    void aPauseInTheMiddleOfATransactionLosesNothingAndRepeatsNothing() throws Exception {
        PostgresSource source = source();
        SourceCapture capture = streaming(source);
        insert(source, 1, 40_000);
        for (int pause = 1; pause <= 3; pause++) {
            int least = pause * 4_000;
            Eventually.within(
                    CaptureServers.SOON, () -> servers.changes(source, "t").size(), size -> size >= least);
            order(capture, new SourceOrder.Pause(StopCause.wished(source.name())));
            order(capture, new SourceOrder.Resume());
        }

        assertThat(CaptureServers.ids(servers.awaitChanges(source, "t", 40_000)))
                .isEqualTo(numbers(1, 40_000));
    }

    @Test
    void loadsATableAgainAsANewGenerationWhileItStreams() throws Exception {
        PostgresSource source = source();
        SourceCapture capture = streaming(source);
        insert(source, 1, 3);
        servers.awaitChanges(source, "t", 3);

        order(capture, new SourceOrder.Reload(List.of("t"), "a test"));
        insert(source, 4, 5);
        Eventually.within(CaptureServers.SOON, () -> generation(capture, "t"), generation -> generation == 2);
        order(capture, new SourceOrder.Reload(List.of("t"), "a test"));
        Eventually.within(CaptureServers.SOON, () -> generation(capture, "t"), generation -> generation == 3);

        assertThat(CaptureServers.ids(servers.awaitChanges(source, "t", 5))).isEqualTo(numbers(1, 5));
        assertThat(loads(source, "t"))
                .extracting(load -> load.chunk().generation())
                .containsExactly(1, 2, 3);
        assertThat(loads(source, "t").getLast().ids()).isEqualTo(numbers(1, 5));
        assertThat(loads(source, "t"))
                .as("each load has a position of its own")
                .extracting(load -> load.chunk().pos())
                .doesNotHaveDuplicates()
                .isSorted();
        assertThat(loads(source, "u")).hasSize(1);
    }

    @Test
    void repairsALostSlotWithALaterEpochAndNewLoadsAndSaysWhatIsMissing() throws Exception {
        PostgresSource source = source();
        SourceCapture first = streaming(source);
        insert(source, 1, 3);
        List<Change> before = servers.awaitChanges(source, "t", 3);
        servers.closeCapturesAndFreeSlots();
        String slot = "levada_test_" + source.name();
        servers.postgres.execute(
                source.name(),
                "SELECT pg_drop_replication_slot('" + slot + "')",
                "DELETE FROM t WHERE id = 2",
                "INSERT INTO t VALUES (4)");
        SourceCapture second = servers.capture(source, loads);
        CaptureServers.awaitState(second, "STOPPED");
        assertThat(second.status().code()).isEqualTo("CAPTURE-SLOT-LOST");
        assertThat(second.status().nextStep()).contains("./levada source repair " + source.name());

        order(second, new SourceOrder.Repair(false));
        insert(source, 5, 5);
        List<Change> changes = servers.awaitChanges(source, "t", 4);

        assertThat(CaptureServers.ids(changes)).isEqualTo(List.of(1, 2, 3, 5));
        assertThat(changes.getLast().pos())
                .startsWith("0002-")
                .isGreaterThan(before.getLast().pos());
        Eventually.within(
                CaptureServers.SOON,
                () -> generation(second, "t") + generation(second, "u"),
                generations -> generations == 4);
        CopiedFiles.Load repaired = loads(source, "t").getLast();
        assertThat(repaired.ids()).contains(1, 3, 4).doesNotContain(2);
        assertThat(repaired.chunk().pos()).startsWith("0002-");
        assertThat(second.status().gaps()).singleElement().asString().contains("are missing in raw");
        assertThat(first.status().name()).isEqualTo(second.status().name());
    }

    @Test
    void refusesToRepairAHealthySourceUnlessForced() throws Exception {
        PostgresSource source = source();
        SourceCapture capture = streaming(source);

        assertThatThrownBy(() -> order(capture, new SourceOrder.Repair(false)))
                .hasCauseInstanceOf(SourceProblem.class)
                .hasMessageContaining("still has all the log");
        CaptureServers.awaitState(capture, "STREAMING");
        order(capture, new SourceOrder.Repair(true));

        insert(source, 1, 1);
        assertThat(servers.awaitChanges(source, "t", 1).getFirst().pos()).startsWith("0002-");
    }

    @Test
    void dropsSlotAndPublicationAndComesBackOnlyByARepair() throws Exception {
        PostgresSource source = source();
        SourceCapture capture = streaming(source);
        insert(source, 1, 1);
        servers.awaitChanges(source, "t", 1);

        order(capture, new SourceOrder.Drop());
        CaptureServers.awaitState(capture, "STOPPED");
        assertThat(capture.status().code()).isEqualTo("CAPTURE-DROPPED");
        assertThat(leftAtTheServer(source)).isZero();
        assertThatThrownBy(() -> order(capture, new SourceOrder.Resume())).hasCauseInstanceOf(SourceProblem.class);

        order(capture, new SourceOrder.Repair(false));
        insert(source, 2, 2);
        assertThat(CaptureServers.ids(servers.awaitChanges(source, "t", 2))).isEqualTo(numbers(1, 2));
        servers.closeCaptures();
        assertThat(PostgresRemoval.remove("test", source)).contains("are removed");
        assertThat(leftAtTheServer(source)).isZero();
        assertThat(PostgresRemoval.remove("test", source)).contains("neither slot nor publication");
    }

    @Test
    void loadsATableThatIsAddedAtARestartAndOneThatComesBackAgain() throws Exception {
        PostgresSource both = source();
        PostgresSource one = CaptureServers.withTables(both, List.of("t"));
        streaming(one);
        servers.postgres.execute(both.name(), "INSERT INTO u VALUES (1)");
        servers.postgres.execute(
                both.name(), "BEGIN; INSERT INTO t SELECT generate_series(1, 30000); INSERT INTO u VALUES (2); COMMIT");
        Eventually.within(CaptureServers.SOON, () -> servers.changes(one, "t").size(), size -> size > 2_000);
        servers.closeCaptures();

        SourceCapture withU = servers.capture(both, loads);
        Eventually.within(CaptureServers.SOON, () -> generation(withU, "u"), generation -> generation == 1);
        servers.postgres.execute(both.name(), "INSERT INTO u VALUES (3)");
        servers.awaitChanges(both, "u", 1);
        assertThat(CaptureServers.ids(servers.awaitChanges(both, "t", 30_000))).isEqualTo(numbers(1, 30_000));
        assertThat(loads(both, "u").getLast().ids()).startsWith(1, 2);
        servers.closeCaptures();

        SourceCapture withoutU = servers.capture(one, loads);
        CaptureServers.awaitState(withoutU, "STREAMING");
        servers.postgres.execute(both.name(), "INSERT INTO u VALUES (4)", "INSERT INTO t VALUES (30001)");
        servers.awaitChanges(one, "t", 30_001);
        servers.closeCaptures();

        SourceCapture again = servers.capture(both, loads);
        Eventually.within(CaptureServers.SOON, () -> generation(again, "u"), generation -> generation == 2);
        assertThat(loads(both, "u").getLast().ids()).isEqualTo(numbers(1, 4));
        assertThat(loads(both, "t")).hasSize(1);
    }

    private PostgresSource source() throws Exception {
        return servers.source(
                List.of("t", "u"), "CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE u (id int PRIMARY KEY)");
    }

    private SourceCapture streaming(PostgresSource source) {
        SourceCapture capture = servers.capture(source, loads);
        CaptureServers.awaitState(capture, "STREAMING");
        Eventually.within(
                CaptureServers.SOON,
                () -> capture.status().tables(),
                tables -> tables.stream().allMatch(table -> table.state().equals("LOADED")));
        return capture;
    }

    private void insert(PostgresSource source, int first, int last) throws Exception {
        servers.postgres.execute(source.name(), "INSERT INTO t SELECT generate_series(" + first + ", " + last + ")");
    }

    private static void order(SourceCapture capture, SourceOrder order)
            throws ExecutionException, InterruptedException, java.util.concurrent.TimeoutException {
        assertThat(capture.order(order).get(Eventually.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isNotEmpty();
    }

    private static int generation(SourceCapture capture, String table) {
        return capture.status().tables().stream()
                .filter(status ->
                        status.table().endsWith("_" + table) && status.state().equals("LOADED"))
                .mapToInt(SourceStatus.TableStatus::generation)
                .sum();
    }

    private long leftAtTheServer(PostgresSource source) throws Exception {
        try (java.sql.Connection connection = servers.postgres.connect(source.name())) {
            return Long.parseLong(PostgresServer.text(
                            connection,
                            "SELECT (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_replication_slots"
                                    + " WHERE database = current_database())")
                    .orElseThrow());
        }
    }

    private static List<Object> numbers(int first, int last) {
        return java.util.stream.IntStream.rangeClosed(first, last)
                .<Object>mapToObj(Integer::valueOf)
                .toList();
    }

    private List<CopiedFiles.Load> loads(PostgresSource source, String table) {
        return loads.loads("raw." + source.name() + "_" + table);
    }
}
