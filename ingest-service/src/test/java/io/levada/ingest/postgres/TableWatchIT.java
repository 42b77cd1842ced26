package io.levada.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.PostgresSource;
import io.levada.ingest.capture.CopiedFiles;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.capture.SourceOrder;
import io.levada.ingest.capture.SourceStatus;
import io.levada.ingest.capture.TableForm;
import io.levada.ingest.quarantine.QuarantineCounts;
import io.levada.testing.Eventually;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What happens to tables without an event in the log is noticed, and what the log says is not taken for it.
@ExtendWith(CaptureServers.Shared.class)
class TableWatchIT {
    private final CaptureServers servers;
    private final CopiedFiles loads;

    TableWatchIT(CaptureServers servers) {
        this.servers = servers;
        this.loads = servers.files();
    }

    @Test
    void loadsTablesAgainWhoseRowsChangedWithoutAnEvent() throws Exception {
        PostgresSource source = servers.source(
                List.of("part", "rewritten", "defaulted", "emptied", "plain"),
                "CREATE TABLE part (id int) PARTITION BY RANGE (id)",
                "ALTER TABLE part REPLICA IDENTITY FULL",
                "CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (10)",
                "ALTER TABLE part1 REPLICA IDENTITY FULL",
                "CREATE TABLE other (id int)",
                "ALTER TABLE other REPLICA IDENTITY FULL",
                "INSERT INTO other VALUES (11), (12)",
                "CREATE TABLE rewritten (id int PRIMARY KEY, n text)",
                "INSERT INTO rewritten VALUES (1, '1')",
                "CREATE TABLE defaulted (id int PRIMARY KEY, seen timestamp)",
                "INSERT INTO defaulted VALUES (1, '2026-01-01')",
                "CREATE TABLE emptied (id int PRIMARY KEY)",
                "INSERT INTO emptied VALUES (1)",
                "CREATE TABLE plain (id int PRIMARY KEY)");
        SourceCapture capture = servers.captureClosely(source, loads);
        awaitLoads(source, "plain", 1);

        servers.postgres.execute(
                source.name(),
                "ALTER TABLE part ATTACH PARTITION other FOR VALUES FROM (10) TO (20)",
                "ALTER TABLE rewritten ALTER n TYPE int USING n::int + 1",
                "ALTER TABLE defaulted ADD COLUMN more int DEFAULT 7",
                "TRUNCATE emptied",
                "INSERT INTO emptied VALUES (2)");
        awaitLoads(source, "part", 2);
        awaitLoads(source, "rewritten", 2);
        awaitLoads(source, "defaulted", 2);
        assertThat(loads(source, "part").getLast().ids()).containsExactly(11, 12);

        servers.postgres.execute(source.name(), "TRUNCATE part1", "ALTER TABLE part DETACH PARTITION other");
        awaitLoads(source, "part", 3);
        Eventually.within(
                CaptureServers.SOON, () -> loads(source, "part").getLast().ids(), List::isEmpty);

        servers.closeCaptures();
        servers.postgres.execute(source.name(), "ALTER TABLE defaulted ADD COLUMN most int DEFAULT 8");
        servers.captureClosely(source, loads);
        awaitLoads(source, "defaulted", 3);
        servers.postgres.execute(
                source.name(), "SET TimeZone = 'UTC'; ALTER TABLE defaulted ALTER seen TYPE timestamptz");
        awaitLoads(source, "defaulted", 4);
        assertThat(loads(source, "plain")).hasSize(1);
        assertThat(loads(source, "emptied")).as("the log holds the truncate").hasSize(1);
        assertThat(capture.status().code()).isNull();
    }

    @Test
    void followsTheNameWhereTablesAreSwappedAndTakesInTablesThatAreMended() throws Exception {
        PostgresSource source = servers.source(
                List.of("swapped", "late", "twins"),
                "CREATE TABLE swapped (id int PRIMARY KEY)",
                "INSERT INTO swapped VALUES (1)",
                "CREATE TABLE next (id int PRIMARY KEY)",
                "INSERT INTO next VALUES (11), (12)",
                "CREATE TABLE twins (id int PRIMARY KEY, \"Id\" int)",
                "INSERT INTO twins VALUES (7, 7)");
        SourceCapture capture = servers.captureClosely(source, loads);
        awaitLoads(source, "swapped", 1);
        Eventually.within(
                CaptureServers.SOON,
                () -> capture.status().tables().stream()
                        .map(SourceStatus.TableStatus::code)
                        .toList(),
                codes -> codes.containsAll(List.of("CAPTURE-UNKNOWN-TABLE", "CAPTURE-COLUMN-CASE")));
        assertThat(capture.status().code()).as("the others go on").isNull();

        servers.postgres.execute(
                source.name(),
                "BEGIN; ALTER TABLE swapped RENAME TO former; ALTER TABLE next RENAME TO swapped; COMMIT",
                "CREATE TABLE late (id int PRIMARY KEY)",
                "INSERT INTO late VALUES (5)",
                "ALTER TABLE twins RENAME \"Id\" TO other");
        awaitLoads(source, "swapped", 2);
        awaitLoads(source, "late", 1);
        awaitLoads(source, "twins", 1);
        assertThat(loads(source, "swapped").getLast().ids()).containsExactly(11, 12);
        assertThat(loads(source, "late").getLast().ids()).containsExactly(5);

        servers.postgres.execute(source.name(), "INSERT INTO former VALUES (2)", "INSERT INTO swapped VALUES (13)");
        assertThat(CaptureServers.ids(servers.awaitChanges(source, "swapped", 1)))
                .as("changes of the table that has the name now")
                .containsExactly(13);
        assertThat(capture.status().code()).isNull();
    }

    @Test
    void tellsAPartitionThatWasMadeFromOneThatWasAttachedInOneTransaction() throws Exception {
        PostgresSource source = servers.source(
                List.of("t"),
                "CREATE TABLE t (id int, note text, PRIMARY KEY (id)) PARTITION BY RANGE (id)",
                "CREATE TABLE made PARTITION OF t FOR VALUES FROM (0) TO (10)",
                "BEGIN; CREATE TABLE filled (LIKE t INCLUDING ALL); INSERT INTO filled VALUES (10);"
                        + " ALTER TABLE t ATTACH PARTITION filled FOR VALUES FROM (10) TO (20); COMMIT",
                "BEGIN; CREATE TABLE made2 PARTITION OF t FOR VALUES FROM (20) TO (30);"
                        + " INSERT INTO t VALUES (20); COMMIT");
        try (Connection connection = servers.postgres.connect(source.name())) {
            Map<String, TableForm> forms = TableForms.of(connection, source.tables());
            List<Boolean> made = IntStream.of(1, 2, 3)
                    .mapToObj(i -> List.of("made", "filled", "made2").get(i - 1))
                    .map(name -> madeEmpty(connection, forms, name))
                    .toList();

            assertThat(made).containsExactly(true, false, true);
        }
    }

    @Test
    void stopsASourceWhoseRowsGoToQuarantineAndGoesOnWhenToldTo() throws Exception {
        PostgresSource source = servers.source(List.of("t"), "CREATE TABLE t (id int PRIMARY KEY)");
        QuarantineCounts quarantined = new QuarantineCounts();
        SourceCapture capture = servers.capture(source, loads, quarantined);
        awaitLoads(source, "t", 1);
        servers.postgres.execute(source.name(), "INSERT INTO t SELECT generate_series(1, 5000)");
        servers.awaitChanges(source, "t", 5000);
        String table = source.tables().getFirst().rawTable(source.name());
        quarantined.add(Map.of(new QuarantineCounts.Kind(source.name(), table, "CAPTURE-VALUE-UNMAPPED"), 1500L));

        Eventually.within(CaptureServers.SOON, () -> capture.status().code(), "CAPTURE-QUARANTINE-RATE"::equals);
        assertThat(capture.status().state()).isEqualTo("STOPPED");
        assertThat(capture.status().nextStep()).contains("./levada source resume " + source.name());
        servers.postgres.execute(source.name(), "INSERT INTO t VALUES (5001)");
        capture.order(new SourceOrder.Resume());

        assertThat(servers.awaitChanges(source, "t", 5001)).hasSize(5001);
        assertThat(capture.status().code()).isNull();
    }

    private static boolean madeEmpty(Connection connection, Map<String, TableForm> forms, String name) {
        try {
            String id = PostgresServer.text(connection, "SELECT '" + name + "'::regclass::oid")
                    .orElseThrow();
            return java.util.Objects.requireNonNull(java.util.Objects.requireNonNull(forms.get("t"))
                            .parts()
                            .get(id))
                    .madeEmpty();
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitLoads(PostgresSource source, String table, int count) {
        Eventually.within(CaptureServers.SOON, () -> loads(source, table).size(), size -> size >= count);
    }

    private List<CopiedFiles.Load> loads(PostgresSource source, String table) {
        return loads.loads("raw." + source.name() + "_" + table);
    }
}
