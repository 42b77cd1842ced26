package io.levada.ingest.binlog;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.levada.ingest.capture.StopCause;
import io.levada.ingest.changes.Change;
import io.levada.testing.EmbeddedMariaServer;
import io.levada.testing.Eventually;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Capture against a real MariaDB and a real Kafka: what is loaded, and what is in the change topics after restarts.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BinlogCaptureIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    private EmbeddedMariaServer maria;
    private CaptureKafka kafka;
    private CopiedFiles loads;
    private int sources;

    @BeforeAll
    void startServers(@TempDir Path directory) throws Exception {
        maria = EmbeddedMariaServer.start(directory.resolve("maria"));
        kafka = CaptureKafka.start(directory.resolve("kafka"));
        loads = new CopiedFiles(directory.resolve("lake"));
    }

    @AfterEach
    void closeCaptures() {
        kafka.closeCaptures();
    }

    @AfterAll
    void stopServers() {
        kafka.close();
        maria.close();
    }

    @Test
    void loadsATableAndPublishesWhatChangesAfterwards() throws Exception {
        BinlogSource source = source("id int PRIMARY KEY, name varchar(20)");
        maria.execute(source.name(), "INSERT INTO t VALUES (1, 'a'), (2, 'b')");
        SourceCapture capture = capture(source);
        awaitLoad(capture);

        maria.execute(
                source.name(),
                "INSERT INTO t VALUES (3, 'c')",
                "UPDATE t SET name = 'bb' WHERE id = 2",
                "UPDATE t SET id = 7 WHERE id = 3",
                "DELETE FROM t WHERE id = 1",
                "TRUNCATE TABLE t",
                "INSERT INTO t VALUES (9, 'i')");

        List<Change> changes = awaitChanges(source, 6);
        assertThat(loads.rows("raw." + source.name() + "_t"))
                .extracting(row -> row.getField("id") + " " + row.getField("name") + " " + row.getField("_op"))
                .containsExactly("1 a r", "2 b r");
        assertThat(changes).extracting(Change::op).containsExactly("c", "u", "u", "d", "t", "c");
        assertThat(Objects.requireNonNull(changes.get(2).oldKey()).getField("id"))
                .isEqualTo(3);
        assertThat(row(changes.get(2)).getField("id")).isEqualTo(7);
        assertThat(Objects.requireNonNull(changes.get(3).before()).getField("id"))
                .isEqualTo(1);
        assertThat(changes)
                .extracting(Change::pos)
                .isEqualTo(IntStream.rangeClosed(1, 6)
                        .mapToObj(sequence -> CapturePosition.pos(1, sequence))
                        .toList());
        assertThat(changes).extracting(Change::tx).doesNotHaveDuplicates().allMatch(tx -> tx.startsWith("0-1-"));
    }

    /// Guards the counting of changes on resumption (ADR 3): without it the rows that were published before each cut
    /// stand in the topic again.
    @Test
    void continuesInsideATransactionOfManyRows() throws Exception {
        BinlogSource source = source("id int PRIMARY KEY, name varchar(200)");
        awaitLoad(capture(source));
        maria.execute(
                source.name(), "INSERT INTO t SELECT seq, concat('row ', seq, repeat('x', 100)) FROM seq_1_to_100000");

        int inside = 0;
        for (int successor = 0; successor < 4; successor++) {
            int least = 2_000 + successor * 20_000;
            Eventually.within(SOON, () -> kafka.end(source, "t"), end -> end >= least);
            closeCaptures();
            inside += storedPosition(source).transaction() == null ? 0 : 1;
            capture(source);
        }

        assertThat(inside).as("restarts inside the transaction").isPositive();
        assertThat(awaitChanges(source, 100_000))
                .extracting(change -> row(change).getField("id"))
                .isEqualTo(IntStream.rangeClosed(1, 100_000).boxed().toList());
    }

    @Test
    void loadsAndStreamsEveryTypeAlike() throws Exception {
        BinlogSource source = source("""
                id int PRIMARY KEY, ti tinyint, tu tinyint unsigned, b bool, si smallint, su smallint unsigned,
                mi mediumint, mu mediumint unsigned, i int, iu int unsigned, y year, bi bigint, bu bigint unsigned,
                de decimal(38,10), d65 decimal(65,30), f float, d double, b1 bit(1), b9 bit(9), b64 bit(64),
                c char(10), v varchar(50), l1 varchar(20) CHARACTER SET latin1, u16 varchar(20) CHARACTER SET utf16,
                tx text, bn binary(6), vb varbinary(10), bl blob, dt date, tm time, t6 time(6), dm datetime,
                d6 datetime(6), d3 datetime(3), ts timestamp NULL, t3 timestamp(3) NULL, ts6 timestamp(6) NULL,
                e enum('x','y','z'), s set('p','q','r'), el enum('ä','ö') CHARACTER SET latin1, j json, u uuid,
                i6 inet6, i4 inet4, g geometry, st int AS (i + 1) STORED, vi int AS (i + 2) VIRTUAL""");
        String rows = """
                INSERT INTO t (id, ti, tu, b, si, su, mi, mu, i, iu, y, bi, bu, de, d65, f, d, b1, b9, b64, c, v, l1,
                u16, tx, bn, vb, bl, dt, tm, t6, dm, d6, d3, ts, t3, ts6, e, s, el, j, u, i6, i4, g) VALUES
                (%1$d + 1, -128, 255, true, -32768, 65535, -8388608, 16777215, -2147483648, 4294967295, 1901,
                -9223372036854775808, 18446744073709551615, 1234567890123456789012345678.0123456789,
                12345678901234567890123456789012345.123456789012345678901234567890, 1.17549e-38, 2.2250738585072014e-308,
                b'1', b'101010101', 18446744073709551615, 'ação  ', '日本語 😀', 'é€', 'ü',
                'text', x'010203', x'00ff00', x'0001ff', '2024-02-29', '-838:59:59', '12:34:56.123456',
                '1000-01-01 00:00:00', '9999-12-31 23:59:59.999999', '2024-01-01 01:02:03.004', '2024-01-01 00:00:01',
                '2024-06-01 12:00:00.123', '2038-01-19 03:14:07.999999', 'y', 'p,r', 'ö', '{"a": [1, 2.50, null]}',
                '123e4567-e89b-12d3-a456-426655440000', '2001:db8::ff00:42:8329', '192.0.2.1', ST_GeomFromText('POINT(1 2)')),
                (%1$d + 2, 127, 0, false, 32767, 0, 8388607, 0, 2147483647, 0, 2155, 9223372036854775807, 0,
                -0.0000000001, -0.5, -3.4028235e38, 0.1, b'0', b'0', 1, '', '', '', '', '', x'', x'', x'', '0001-01-01',
                '838:59:59', '-00:00:00.000001', '2024-12-31 23:59:59', '0001-01-01 00:00:00.000001',
                '1970-01-01 00:00:00.000', '1970-01-01 00:00:01', '1970-01-01 00:00:01.001', '1970-01-01 00:00:01.000001',
                'x', '', 'ä', '[]', '00000000-0000-0000-0000-000000000000', '::', '0.0.0.0', NULL),
                (%1$d + 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0.1,
                1e23, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '00:00:00', NULL, NULL, NULL,
                NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '::ffff:192.0.2.1', NULL, NULL)""";
        inSession(source, "SET time_zone = '+00:00', sql_mode = ''", rows.formatted(0));
        SourceCapture capture = capture(source);
        awaitLoad(capture);
        inSession(source, "SET time_zone = '+00:00', sql_mode = ''", rows.formatted(10));

        List<Change> changes = awaitChanges(source, 3);

        List<Record> loaded = loads.rows("raw." + source.name() + "_t");
        assertThat(changes).extracting(Change::refused).containsOnlyNulls();
        assertThat(loaded).hasSize(3);
        for (int i = 0; i < 3; i++) {
            Record streamed = row(changes.get(i));
            Record read = loaded.get(i);
            for (Types.NestedField field : streamed.struct().fields()) {
                if (!field.name().equals("id")) {
                    assertThat(streamed.getField(field.name()))
                            .as(field.name() + " of row " + (i + 1))
                            .isEqualTo(read.getField(field.name()));
                }
            }
        }
        assertThat(loaded.getFirst().struct().field("vi")).isNull();
        Record first = loaded.getFirst();
        assertThat(first.getField("bu")).hasToString("18446744073709551615");
        assertThat(first.getField("iu")).isEqualTo(4_294_967_295L);
        assertThat(first.getField("tm")).isEqualTo("-838:59:59");
        assertThat(first.getField("d6")).hasToString("9999-12-31T23:59:59.999999");
        assertThat(first.getField("l1")).isEqualTo("é€");
        assertThat(first.getField("v")).isEqualTo("日本語 \uD83D\uDE00");
        assertThat(first.getField("bn")).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3, 0, 0, 0}));
        assertThat(first.getField("u")).hasToString("123e4567-e89b-12d3-a456-426655440000");
        assertThat(first.getField("b")).isEqualTo(1);
        assertThat(first.getField("b1")).isEqualTo(true);
        assertThat(first.getField("st")).isEqualTo(-2147483647);
        assertThat(loaded.get(2).getField("f")).isEqualTo(0.1f);
    }

    @Test
    void putsRowsAsideThatTheLakeCanNotHold() throws Exception {
        BinlogSource source = source("id int PRIMARY KEY, d date, ts timestamp NULL, dt datetime NOT NULL");
        String zero = "INSERT INTO t VALUES (%d, '0000-00-00', NULL, '2024-01-01'), (%d, NULL, 0, '2024-01-01'),"
                + " (%d, NULL, NULL, '2024-00-15 10:00'), (%d, '2024-01-02', NULL, '2024-01-01')";
        inSession(source, "SET sql_mode = ''", zero.formatted(1, 2, 3, 4));
        SourceCapture capture = capture(source);
        awaitLoad(capture);
        inSession(source, "SET sql_mode = ''", zero.formatted(11, 12, 13, 14), "DELETE FROM t WHERE id = 11");

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

    private void inSession(BinlogSource source, String... statements) throws Exception {
        try (Connection connection = maria.connect(source.name());
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    @Test
    void repeatsNothingAfterARestartBehindATruncate() throws Exception {
        BinlogSource source = source("id int PRIMARY KEY");
        SourceCapture first = capture(source);
        awaitLoad(first);
        maria.execute(source.name(), "INSERT INTO t VALUES (1)", "TRUNCATE t");
        awaitChanges(source, 2);
        first.close();
        maria.execute(source.name(), "INSERT INTO t VALUES (2)");

        capture(source);

        assertThat(awaitChanges(source, 3)).extracting(Change::op).containsExactly("c", "t", "c");
    }

    @Test
    void goesOnWhenTheServerWasKilled() throws Exception {
        BinlogSource source = source("id int PRIMARY KEY");
        SourceCapture capture = capture(source);
        awaitLoad(capture);
        maria.execute(source.name(), "INSERT INTO t VALUES (1)");
        awaitChanges(source, 1);

        maria.kill();
        Eventually.within(SOON, () -> capture.status().state(), state -> state.equals("RETRYING"));
        maria.restart();
        maria.execute(source.name(), "INSERT INTO t VALUES (2)");

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
        maria.execute(
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
        maria.execute(source.name(), row.formatted(1));
        awaitLoad(capture(source));
        maria.execute(source.name(), row.formatted(2));

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
        maria.execute(source.name(), "INSERT INTO t VALUES (1, 5)");
        SourceCapture capture = capture(source);
        awaitLoad(capture);

        maria.execute(
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

        capture.order(new SourceOrder.Pause(StopCause.wished(source.name()))).get(20, TimeUnit.SECONDS);
        maria.execute(source.name(), "INSERT INTO t VALUES (1)");
        assertThat(capture.status().state()).isEqualTo("PAUSED");
        capture.order(new SourceOrder.Resume()).get(20, TimeUnit.SECONDS);
        awaitChanges(source, 1);
        capture.order(new SourceOrder.Reload(List.of("t"), "test")).get(20, TimeUnit.SECONDS);

        Eventually.within(SOON, () -> capture.status().tables().getFirst().generation(), generation -> generation == 2);
        awaitLoad(capture);
        assertThat(loads.rows("raw." + source.name() + "_t"))
                .extracting(row -> row.getField("_load"))
                .containsExactly(2);
        assertThat(changes(source)).hasSize(1);
    }

    @Test
    void waitsForARepairWhenTheLogWasPurged() throws Exception {
        BinlogSource source = source("id int PRIMARY KEY");
        SourceCapture first = capture(source);
        awaitLoad(first);
        first.close();
        maria.execute(source.name(), "INSERT INTO t VALUES (1)", "FLUSH BINARY LOGS");
        Eventually.within(SOON, this::filesAfterPurge, count -> count == 1);

        SourceCapture second = capture(source);

        Eventually.within(SOON, () -> second.status().code(), code -> "CAPTURE-BINLOG-LOST".equals(code));
        assertThat(second.status().nextStep()).contains("./levada source repair " + source.name());
        second.order(new SourceOrder.Repair(false)).get(20, TimeUnit.SECONDS);
        Eventually.within(SOON, () -> second.status().tables().getFirst().generation(), generation -> generation == 2);
        awaitLoad(second);
        maria.execute(source.name(), "INSERT INTO t VALUES (2)");

        assertThat(awaitChanges(source, 1)).extracting(Change::pos).containsExactly(CapturePosition.pos(2, 1));
        assertThat(loads.rows("raw." + source.name() + "_t"))
                .extracting(row -> row.getField("id"))
                .containsExactly(1);
    }

    @Test
    void namesTheStatementThatMendsASetting() throws Exception {
        BinlogSource source = source("id int PRIMARY KEY");
        maria.execute("mysql", "SET GLOBAL binlog_row_metadata = 'MINIMAL'");
        try {
            SourceCapture capture = capture(source);

            assertThat(capture.status().code()).isEqualTo("CAPTURE-BINLOG-SETTING");
            assertThat(capture.status().nextStep()).contains("SET GLOBAL binlog_row_metadata = 'FULL'");
        } finally {
            maria.execute("mysql", "SET GLOBAL binlog_row_metadata = 'FULL'");
        }
    }

    /// The server keeps a file as long as the connection that read it last.
    private int filesAfterPurge() throws Exception {
        maria.execute("mysql", "PURGE BINARY LOGS BEFORE NOW() + INTERVAL 1 DAY");
        try (Connection connection = maria.connect("mysql")) {
            return BinlogServer.files(connection).size();
        }
    }

    private static Record row(Change change) {
        return Objects.requireNonNull(change.after());
    }

    private BinlogSource source(String columns) throws Exception {
        String name = "s" + ++sources;
        maria.createDatabase(name);
        maria.execute(name, "CREATE TABLE t (" + columns + ")");
        return new BinlogSource(
                name,
                BinlogSource.Product.MARIADB,
                maria.url(name),
                maria.user(),
                new Secret(maria.password()),
                List.of(new SourceTable(name, "t", "t")));
    }

    private CapturePosition storedPosition(BinlogSource source) {
        return kafka.storedPosition(source);
    }

    private SourceCapture capture(BinlogSource source) {
        return kafka.captureNow(new BinlogCapture(CaptureKafka.PROJECT, source, kafka.registry(), loads));
    }

    private static void awaitLoad(SourceCapture capture) {
        Eventually.within(SOON, () -> capture.status().tables().getFirst().state(), state -> state.equals("LOADED"));
    }

    private List<Change> awaitChanges(BinlogSource source, int count) throws Exception {
        return kafka.awaitChanges(source, "t", count);
    }

    private List<Change> changes(BinlogSource source) throws Exception {
        return kafka.changes(source, "t");
    }
}
