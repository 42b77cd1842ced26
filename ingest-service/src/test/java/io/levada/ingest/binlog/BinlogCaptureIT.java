package io.levada.ingest.binlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.levada.definition.BinlogSource;
import io.levada.definition.ColumnRule;
import io.levada.definition.ColumnRules;
import io.levada.definition.OnSchemaChange;
import io.levada.definition.Secret;
import io.levada.definition.SourceTable;
import io.levada.ingest.capture.CaptureKafka;
import io.levada.ingest.capture.CapturePosition;
import io.levada.ingest.capture.CopiedFiles;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.capture.SourceOrder;
import io.levada.ingest.capture.SourceStatus;
import io.levada.ingest.capture.StopCause;
import io.levada.ingest.changes.Change;
import io.levada.testing.BinlogDatabase;
import io.levada.testing.Eventually;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.iceberg.data.Record;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Capture against a real MariaDB and a real Kafka: what is loaded, and what is in the change topics after restarts.
@ExtendWith(BinlogServers.Shared.class)
class BinlogCaptureIT {
    private static final Duration SOON = BinlogServers.SOON;

    private final BinlogServers servers;
    private final BinlogDatabase database;
    private final CaptureKafka kafka;
    private final CopiedFiles loads;

    BinlogCaptureIT(BinlogServers servers) {
        this.servers = servers;
        this.database = servers.database;
        this.kafka = servers.kafka;
        this.loads = servers.loads;
    }

    @Test
    void loadsATableAndPublishesWhatChangesAfterwards() throws Exception {
        BinlogSource source = servers.source(List.of("t"), BinlogScenario.TABLE);

        List<Change> changes = BinlogScenario.loadAndChange(
                kafka, loads, source, statements -> database.execute(source.name(), statements));

        assertThat(changes).extracting(Change::tx).allMatch(tx -> tx.matches("0-1-\\d+|[0-9a-f-]{36}:\\d+"));
    }

    @Test
    void capturesATableWhoseNameHoldsABlank() throws Exception {
        BinlogSource given = servers.source(
                List.of("t"),
                "CREATE TABLE `Order Details` (id int PRIMARY KEY)",
                "INSERT INTO `Order Details` VALUES (1)");
        BinlogSource source = new BinlogSource(
                given.name(),
                given.product(),
                given.url(),
                given.user(),
                given.password(),
                List.of(new SourceTable(given.name(), "Order Details", "order_details")));
        awaitLoad(capture(source));

        database.execute(source.name(), "INSERT INTO `Order Details` VALUES (2)", "TRUNCATE TABLE `Order Details`");

        assertThat(kafka.awaitChanges(source, "order_details", 2))
                .extracting(Change::op)
                .containsExactly("c", "t");
        assertThat(loads.rows("raw." + source.name() + "_order_details"))
                .extracting(row -> row.getField("id"))
                .containsExactly(1);
    }

    @Test
    void saysThatALoginIsRefused() throws Exception {
        BinlogSource known = source("id int PRIMARY KEY");
        BinlogSource stranger = new BinlogSource(
                known.name(), known.product(), known.url(), known.user(), new Secret("wrong"), known.tables());

        SourceCapture capture =
                kafka.capture(new BinlogCapture(CaptureKafka.PROJECT, stranger, kafka.registry(), loads));

        Eventually.within(SOON, () -> capture.status().code(), code -> "CAPTURE-LOGIN-REFUSED".equals(code));
        assertThat(capture.status().nextStep()).contains("password");
    }

    /// Guards the counting of changes on resumption (ADR 3): without it the rows that were published before each
    /// cut stand in the topic again.
    @Test
    void continuesInsideATransactionOfManyRows() throws Exception {
        BinlogSource source = source("id int PRIMARY KEY, name varchar(200)");
        awaitLoad(capture(source));
        database.execute(
                source.name(),
                "INSERT INTO t SELECT n, concat('row ', n, repeat('x', 100)) FROM " + BinlogServers.numbers(5)
                        + " ORDER BY n");

        int inside = 0;
        for (int successor = 0; successor < 4; successor++) {
            int least = 2_000 + successor * 20_000;
            Eventually.within(SOON, () -> kafka.end(source, "t"), end -> end >= least);
            kafka.closeCaptures();
            inside += storedPosition(source).transaction() == null ? 0 : 1;
            capture(source);
        }

        assertThat(inside).as("restarts inside the transaction").isPositive();
        assertThat(awaitChanges(source, 100_000))
                .extracting(change -> row(change).getField("id"))
                .isEqualTo(IntStream.rangeClosed(1, 100_000).boxed().toList());
    }

    @Test
    void putsRowsAsideThatTheLakeCanNotHold() throws Exception {
        BinlogSource source = source("id int PRIMARY KEY, d date, ts timestamp NULL, dt datetime NOT NULL");
        String zero = "INSERT INTO t VALUES (%d, '0000-00-00', NULL, '2024-01-01'), (%d, NULL, 0, '2024-01-01'),"
                + " (%d, NULL, NULL, '2024-00-15 10:00'), (%d, '2024-01-02', NULL, '2024-01-01')";
        servers.inLooseSession(source, zero.formatted(1, 2, 3, 4));
        SourceCapture capture = capture(source);
        awaitLoad(capture);
        servers.inLooseSession(source, zero.formatted(11, 12, 13, 14), "DELETE FROM t WHERE id = 11");

        List<Change> changes = awaitChanges(source, 5);

        assertThat(loads.rows("raw." + source.name() + "_t"))
                .extracting(row -> row.getField("id"))
                .containsExactly(4);
        assertThat(capture.status().quarantinedRows()).isEqualTo(3);
        assertThat(changes.subList(0, 3))
                .extracting(change ->
                        Objects.requireNonNull(change.refused()).reason().replaceAll(":.*", ""))
                .containsExactly("column d", "column ts", "column dt");
        assertThat(Objects.requireNonNull(changes.getFirst().refused()).row())
                .startsWith("{\"id\":\"11\",\"d\":\"0000-00-00\"");
        assertThat(changes.subList(3, 5)).extracting(Change::op).containsExactly("c", "d");
        assertThat(Objects.requireNonNull(changes.get(4).before()).getField("id"))
                .isEqualTo(11);
    }

    /// The client does not know the types of compressed columns, and the log has every table of the server.
    @Test
    void passesOverTablesThatTheClientCanNotRead() throws Exception {
        assumeTrue(servers.product == BinlogSource.Product.MARIADB, "MySQL has no compressed columns");
        BinlogSource source = source("id int PRIMARY KEY");
        BinlogSource compressed = source("id int PRIMARY KEY, note text COMPRESSED");
        awaitLoad(capture(source));

        database.execute(
                compressed.name(),
                "INSERT INTO t VALUES (1, repeat('a', 500)), (2, 'b')",
                "UPDATE t SET note = 'c' WHERE id = 1",
                "DELETE FROM t");
        database.execute(source.name(), "INSERT INTO t VALUES (7)");

        assertThat(row(awaitChanges(source, 1).getFirst()).getField("id")).isEqualTo(7);
        assertThat(capture(compressed).status().code()).isEqualTo("CAPTURE-TYPE-UNSUPPORTED");
    }

    @Test
    void repeatsNothingAfterARestartBehindATruncate() throws Exception {
        BinlogSource source = source("id int PRIMARY KEY");
        SourceCapture first = capture(source);
        awaitLoad(first);
        database.execute(source.name(), "INSERT INTO t VALUES (1)", "TRUNCATE t");
        awaitChanges(source, 2);
        first.close();
        database.execute(source.name(), "INSERT INTO t VALUES (2)");

        capture(source);

        assertThat(awaitChanges(source, 3)).extracting(Change::op).containsExactly("c", "t", "c");
    }

    @Test
    void goesOnWhenTheServerWasKilled() throws Exception {
        BinlogSource source = source("id int PRIMARY KEY");
        SourceCapture capture = capture(source);
        awaitLoad(capture);
        database.execute(source.name(), "INSERT INTO t VALUES (1)");
        awaitChanges(source, 1);

        database.kill();
        Eventually.within(SOON, () -> capture.status().state(), state -> state.equals("RETRYING"));
        database.restart();
        database.execute(source.name(), "INSERT INTO t VALUES (2)");

        assertThat(awaitChanges(source, 2))
                .extracting(change -> row(change).getField("id"))
                .containsExactly(1, 2);
    }

    @Test
    void readsEachRowWithTheColumnsThatItHadWhenItWasWritten() throws Exception {
        BinlogSource source = source("id int PRIMARY KEY, n decimal(4,2), i int");
        SourceCapture first = capture(source);
        awaitLoad(first);
        first.close();
        database.execute(
                source.name(),
                "INSERT INTO t VALUES (1, 99.99, 1)",
                "ALTER TABLE t ADD COLUMN note varchar(20) AFTER id",
                "INSERT INTO t VALUES (2, 'two', 99.99, 2)",
                "ALTER TABLE t MODIFY n decimal(6,2), MODIFY i bigint",
                "INSERT INTO t VALUES (3, 'three', 1234.56, 3000000000)",
                "ALTER TABLE t DROP COLUMN n",
                "INSERT INTO t VALUES (4, 'four', 4)");

        capture(source);

        List<Change> changes = awaitChanges(source, 4);
        assertThat(changes).extracting(Change::refused).containsOnlyNulls();
        assertThat(row(changes.get(0)).getField("n")).hasToString("99.99");
        assertThat(row(changes.get(1)).getField("note")).isEqualTo("two");
        assertThat(row(changes.get(2)).getField("n")).hasToString("1234.56");
        assertThat(row(changes.get(2)).getField("i")).isEqualTo(3_000_000_000L);
        assertThat(row(changes.get(3)).getField("i")).isEqualTo(4L);
    }

    @Test
    void writesRuledColumnsInLoadAndLogAlike() throws Exception {
        BinlogSource plain =
                source("id int PRIMARY KEY, email varchar(50), f float, b varbinary(5), note text, zip int");
        SourceTable table = new SourceTable(
                plain.name(),
                "t",
                "t",
                new ColumnRules(
                        Map.of(
                                "email",
                                ColumnRule.HASH,
                                "f",
                                ColumnRule.HASH,
                                "b",
                                ColumnRule.HASH,
                                "note",
                                ColumnRule.DROP,
                                "zip",
                                ColumnRule.MASK),
                        new Secret("key of at least some length")),
                OnSchemaChange.EVOLVE);
        BinlogSource source = new BinlogSource(
                plain.name(), plain.product(), plain.url(), plain.user(), plain.password(), List.of(table));
        String row = "INSERT INTO t VALUES (%d, 'a@example.org', 1.17549e-38, x'00ff', 'secret', 4711)";
        database.execute(source.name(), row.formatted(1));
        awaitLoad(capture(source));
        database.execute(source.name(), row.formatted(2));

        Record streamed = row(awaitChanges(source, 1).getFirst());

        Record loaded = loads.rows("raw." + source.name() + "_t").getFirst();
        for (String column : List.of("email", "f", "b", "zip")) {
            assertThat(streamed.getField(column)).as(column).isEqualTo(loaded.getField(column));
        }
        assertThat(loaded.getField("zip")).isEqualTo("***");
        assertThat(loaded.toString()).doesNotContain("example", "4711", "secret");
        assertThat(streamed.struct().field("note")).isNull();
    }

    @Test
    void loadsATableAgainWhoseRowsAStatementChanged() throws Exception {
        BinlogSource source = source("id int PRIMARY KEY, n int");
        database.execute(source.name(), "INSERT INTO t VALUES (1, 5)");
        SourceCapture capture = capture(source);
        awaitLoad(capture);

        database.execute(
                source.name(),
                "CREATE INDEX i ON t (n)",
                "ALTER TABLE t ADD COLUMN x varchar(5) NOT NULL DEFAULT 'old'");

        Eventually.within(
                SOON,
                () -> loads.rows("raw." + source.name() + "_t").stream()
                        .filter(row -> Integer.valueOf(2).equals(row.getField("_load")))
                        .map(row -> String.valueOf(row.getField("x")))
                        .toList(),
                List.of("old")::equals);
    }

    @Test
    void carriesOutAnOperatorsOrders() throws Exception {
        BinlogSource source = source("id int PRIMARY KEY");
        SourceCapture capture = capture(source);
        awaitLoad(capture);

        capture.order(new SourceOrder.Pause(StopCause.wished(source.name())))
                .get(Eventually.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        database.execute(source.name(), "INSERT INTO t VALUES (1)");
        assertThat(capture.status().state()).isEqualTo("PAUSED");
        capture.order(new SourceOrder.Resume()).get(Eventually.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        awaitChanges(source, 1);
        capture.order(new SourceOrder.Reload(List.of("t"), "test"))
                .get(Eventually.PATIENCE.toSeconds(), TimeUnit.SECONDS);

        Eventually.within(SOON, () -> capture.status().tables().getFirst().generation(), generation -> generation == 2);
        awaitLoad(capture);
        assertThat(loads.rows("raw." + source.name() + "_t"))
                .extracting(row -> row.getField("_load"))
                .containsExactly(2);
        assertThat(changes(source)).hasSize(1);
        kafka.awaitPublishedEnd(source, "t");
    }

    /// Beside tables that stream, a failed one is looked at when its source begins anew.
    @Test
    void takesATableInThatWasMissingOnceItsSourceWentOn() throws Exception {
        BinlogSource source = servers.source(List.of("t", "late"), "CREATE TABLE t (id int PRIMARY KEY)");
        SourceCapture capture = capture(source);
        Eventually.within(SOON, () -> state(capture, "raw." + source.name() + "_late"), "FAILED"::equals);
        database.execute(
                source.name(),
                "CREATE TABLE late (id int PRIMARY KEY)",
                "INSERT INTO late VALUES (1)",
                "INSERT INTO t VALUES (1)");
        awaitChanges(source, 1);

        capture.order(new SourceOrder.Pause(StopCause.wished(source.name())))
                .get(Eventually.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        capture.order(new SourceOrder.Resume()).get(Eventually.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        awaitLoad(capture);
        database.execute(source.name(), "INSERT INTO late VALUES (2)");

        assertThat(loads.rows("raw." + source.name() + "_late"))
                .extracting(row -> row.getField("id"))
                .containsExactly(1);
        assertThat(row(kafka.awaitChanges(source, "late", 1).getFirst()).getField("id"))
                .isEqualTo(2);
        assertThat(awaitChanges(source, 1)).hasSize(1);
    }

    @Test
    void waitsForARepairWhenTheLogWasPurged() throws Exception {
        BinlogSource source = source("id int PRIMARY KEY");
        SourceCapture first = capture(source);
        awaitLoad(first);
        first.close();
        database.execute(source.name(), "INSERT INTO t VALUES (1)", "FLUSH BINARY LOGS");
        Eventually.within(SOON, this::filesAfterPurge, count -> count == 1);

        SourceCapture second = capture(source);

        Eventually.within(SOON, () -> second.status().code(), code -> "CAPTURE-BINLOG-LOST".equals(code));
        assertThat(second.status().nextStep()).contains("./levada source repair " + source.name());
        second.order(new SourceOrder.Repair(false)).get(Eventually.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        Eventually.within(SOON, () -> second.status().tables().getFirst().generation(), generation -> generation == 2);
        awaitLoad(second);
        database.execute(source.name(), "INSERT INTO t VALUES (2)");

        assertThat(awaitChanges(source, 1)).extracting(Change::pos).containsExactly(CapturePosition.pos(2, 1));
        assertThat(loads.rows("raw." + source.name() + "_t"))
                .extracting(row -> row.getField("id"))
                .containsExactly(1);
    }

    @Test
    void namesTheStatementThatMendsASetting() throws Exception {
        BinlogSource source = source("id int PRIMARY KEY");
        database.execute("mysql", "SET GLOBAL binlog_row_metadata = 'MINIMAL'");
        try {
            SourceCapture capture = capture(source);

            assertThat(capture.status().code()).isEqualTo("CAPTURE-BINLOG-SETTING");
            assertThat(capture.status().nextStep()).contains("SET GLOBAL binlog_row_metadata = 'FULL'");
        } finally {
            database.execute("mysql", "SET GLOBAL binlog_row_metadata = 'FULL'");
        }
    }

    /// The server keeps a file as long as the connection that read it last.
    private int filesAfterPurge() throws Exception {
        database.execute("mysql", "PURGE BINARY LOGS BEFORE NOW() + INTERVAL 1 DAY");
        try (Connection connection = database.connect("mysql")) {
            return BinlogServer.files(connection).size();
        }
    }

    private static String state(SourceCapture capture, String table) {
        return capture.status().tables().stream()
                .filter(each -> each.table().equals(table))
                .map(SourceStatus.TableStatus::state)
                .findFirst()
                .orElse("");
    }

    private static Record row(Change change) {
        return Objects.requireNonNull(change.after());
    }

    private BinlogSource source(String columns) throws Exception {
        return servers.source(List.of("t"), "CREATE TABLE t (" + columns + ")");
    }

    private CapturePosition storedPosition(BinlogSource source) {
        return kafka.storedPosition(source);
    }

    private SourceCapture capture(BinlogSource source) {
        return servers.capture(source);
    }

    private static void awaitLoad(SourceCapture capture) {
        BinlogServers.awaitLoads(capture);
    }

    private List<Change> awaitChanges(BinlogSource source, int count) throws Exception {
        return kafka.awaitChanges(source, "t", count);
    }

    private List<Change> changes(BinlogSource source) throws Exception {
        return kafka.changes(source, "t");
    }
}
