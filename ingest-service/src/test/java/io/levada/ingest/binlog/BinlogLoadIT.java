package io.levada.ingest.binlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.levada.definition.BinlogSource;
import io.levada.definition.ColumnRule;
import io.levada.definition.ColumnRules;
import io.levada.definition.LoadSettings;
import io.levada.definition.OnSchemaChange;
import io.levada.definition.Secret;
import io.levada.definition.SourceTable;
import io.levada.events.FilesWritten;
import io.levada.events.LoadChunk;
import io.levada.ingest.capture.CaptureKafka;
import io.levada.ingest.capture.CopiedFiles;
import io.levada.ingest.capture.LoadFiles;
import io.levada.ingest.capture.RawHistory;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.changes.Change;
import io.levada.testing.BinlogDatabase;
import io.levada.testing.Eventually;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Initial loads of a real MariaDB: what raw holds in the end, whatever happens while a table is loaded.
@ExtendWith(BinlogServers.Shared.class)
class BinlogLoadIT {
    private static final int ROWS = 600;
    private static final String FILL = "INSERT INTO t SELECT n, n, repeat('x', 200) FROM " + BinlogServers.numbers(3)
            + " WHERE n <= " + ROWS + " ORDER BY n";

    private final BinlogServers servers;
    private final BinlogDatabase database;
    private final CaptureKafka kafka;

    BinlogLoadIT(BinlogServers servers) {
        this.servers = servers;
        this.database = servers.database;
        this.kafka = servers.kafka;
    }

    /// The process dies in each phase of a step, one after the other, and rows change meanwhile: what was
    /// offered stays, what was only read is read again.
    @Test
    void goesOnWithTheFirstStepThatWasNotOfferedWhereverItWasCutOff() throws Exception {
        BinlogSource source = source(2);
        int[] offered = {0, 1, 2, 3};
        for (Phase phase : Phase.values()) {
            SourceCapture dying = start(source, new DyingFiles(phase, offered[phase.ordinal()]));
            Eventually.within(
                    BinlogServers.SOON,
                    () -> String.valueOf(dying.status().tables().getFirst().message()),
                    message -> message.equals(phase.name()));
            dying.close();
            int turn = phase.ordinal() * 10;
            execute(
                    source,
                    "DELETE FROM t WHERE id IN (" + (turn + 1) + ", " + (ROWS - turn) + ")",
                    "UPDATE t SET n = -1 WHERE id IN (" + (turn + 2) + ", " + (ROWS - turn - 1) + ")",
                    "UPDATE t SET id = id + 10000 WHERE id = " + (turn + 3),
                    "UPDATE t SET id = " + (turn + 3) + " WHERE id = " + (ROWS - turn - 3),
                    "INSERT INTO t VALUES (" + (ROWS - turn - 3) + ", -3, 'another')");
        }

        load(source, files());

        RawHistory raw = rawAt(source, Phase.values().length * 7);
        assertThat(raw.chunks()).extracting(LoadChunk::generation).containsOnly(1);
        assertThat(raw.chunks()).extracting(LoadChunk::chunk).isSorted().doesNotHaveDuplicates();
        assertThat(raw.chunks()).hasSize(raw.chunks().getFirst().chunks());
        assertThat(raw.chunks()).extracting(LoadChunk::pos).isSorted();
        assertThat(raw.chunks().stream().map(LoadChunk::pos).distinct()).hasSizeGreaterThan(3);
        assertThat(raw.current()).isEqualTo(rows(source));
    }

    /// Rows come, go, change and move between the steps, before each snapshot, within it, and between the
    /// read of a step and its offer.
    @Test
    void carriesWhatIsWrittenWhileATableIsRead() throws Exception {
        BinlogSource source = source(3);
        AtomicInteger turns = new AtomicInteger();
        load(source, new CopiedFiles(servers.lake) {
            @Override
            public void beforeRead(int chunk) throws Exception {
                change(chunk * 100 + 10, "before");
            }

            @Override
            public void afterRead(int chunk) throws Exception {
                change(chunk * 100 + 30, "after");
            }

            private void change(int id, String text) throws Exception {
                int turn = turns.getAndIncrement();
                execute(
                        source,
                        "DELETE FROM t WHERE id = " + id,
                        "UPDATE t SET n = -1, big = '" + text + "' WHERE id = " + (id + 1),
                        "UPDATE t SET id = id + 10000 WHERE id = " + (id + 2),
                        "INSERT INTO t VALUES (" + (id + 2) + ", -2, 'another')",
                        "UPDATE t SET id = " + (-1 - turn) + " WHERE id = " + (ROWS - turn),
                        "INSERT INTO t VALUES (" + (20000 + turn) + ", -3, 'new')");
            }
        });
        execute(source, "INSERT INTO t VALUES (99999, 0, 'last')");

        RawHistory raw = Eventually.within(
                BinlogServers.SOON, () -> raw(source), now -> now.current().containsKey(99999));
        assertThat(raw.chunks()).extracting(LoadChunk::generation).containsOnly(1);
        assertThat(raw.chunks()).extracting(LoadChunk::pos).isSorted();
        assertThat(raw.current()).isEqualTo(rows(source));
    }

    /// Each loaded row is the state at its own place: a change before it is in it, one after it is not.
    @Test
    void saysOfEachStepWhichChangesAreInIt() throws Exception {
        assumeTrue(isMariaDb(), "Steps of MySQL share a snapshot");
        BinlogSource source = source(1);
        CopiedFiles changing = new CopiedFiles(servers.lake) {
            @Override
            public void beforeRead(int chunk) throws Exception {
                execute(source, "UPDATE t SET n = n + 1000 WHERE id = " + ROWS);
            }
        };
        SourceCapture capture = load(source, changing);

        assertThat(capture.status().tables().getFirst().rowsLoaded()).isEqualTo(ROWS);
        CopiedFiles.Load last =
                changing.loads(raw(source).chunks().getLast().table()).getLast();
        List<Change> changes = kafka.awaitChanges(
                source, "t", changing.loads(last.chunk().table()).size());
        long before = changes.stream()
                .filter(change -> change.pos().compareTo(last.chunk().pos()) <= 0)
                .count();
        assertThat(before).isPositive().isLessThan(changes.size());
        assertThat(last.rows().getLast().getField("n")).isEqualTo((int) (ROWS + 1000 * before));
    }

    @Test
    void carriesATruncateWhileATableIsRead() throws Exception {
        BinlogSource source = source(1);
        AtomicInteger once = new AtomicInteger();
        load(source, new CopiedFiles(servers.lake) {
            @Override
            public void afterOffer() throws Exception {
                if (once.incrementAndGet() == 2) {
                    execute(source, "TRUNCATE t", "INSERT INTO t VALUES (1, 7, 'after'), (599, 8, 'after')");
                }
            }
        });

        assertThat(Eventually.within(BinlogServers.SOON, () -> raw(source).current(), rows(source)::equals))
                .hasSize(2);
    }

    @Test
    void readsWithTheColumnsThatATableHasWhenAStepIsRead() throws Exception {
        BinlogSource source = source(1);
        execute(source, "ALTER TABLE t ADD COLUMN gone int");
        AtomicInteger once = new AtomicInteger();
        CopiedFiles files = new CopiedFiles(servers.lake) {
            @Override
            public void afterOffer() throws Exception {
                if (once.incrementAndGet() == 2) {
                    execute(source, "ALTER TABLE t DROP COLUMN gone, ADD COLUMN fresh int");
                }
            }
        };

        load(source, files);
        execute(source, "INSERT INTO t VALUES (7000, 1, 'x', 5)");

        assertThat(Eventually.within(BinlogServers.SOON, () -> raw(source).current(), rows(source)::equals))
                .hasSize(ROWS + 1);
        List<CopiedFiles.Load> steps = files.loads("raw." + source.name() + "_t");
        assertThat(steps.getFirst().rows().getFirst().struct().field("gone")).isNotNull();
        assertThat(steps.getLast().rows().getFirst().getField("fresh")).isNull();
    }

    @Test
    void beginsAgainWithAnotherKey() throws Exception {
        BinlogSource source = source(1);
        SourceCapture first = start(source, new DyingFiles(Phase.READ, 2));
        Eventually.within(BinlogServers.SOON, () -> raw(source).chunks().size(), offered -> offered == 2);
        first.close();
        execute(source, "ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (n, id)");

        load(source, files());

        RawHistory raw = raw(source);
        assertThat(raw.chunks().getLast().generation()).isEqualTo(2);
        assertThat(raw.current()).isEqualTo(rows(source)).hasSize(ROWS);
    }

    /// Rows without a key can not be told apart, so one snapshot has them all, and the place of it says which
    /// changes come on top.
    @Test
    void readsATableWithoutAKeyAsOne() throws Exception {
        BinlogSource source = source(2);
        execute(source, "ALTER TABLE t DROP PRIMARY KEY");
        CopiedFiles changing = new CopiedFiles(servers.lake) {
            @Override
            public void beforeRead(int chunk) throws Exception {
                execute(source, "INSERT INTO t VALUES (1, 1, 'twice')");
            }
        };

        load(source, changing);

        RawHistory raw = rawAt(source, 1);
        assertThat(raw.chunks()).singleElement().extracting(LoadChunk::chunks).isEqualTo(1);
        String pos = raw.chunks().getFirst().pos();
        assertThat(kafka.changes(source, "t")).allMatch(change -> change.pos().compareTo(pos) > 0);
        assertThat(raw.loadedRows()).isEqualTo(ROWS);
    }

    /// MySQL does not say where a snapshot stands, so all readers' are made while it is locked.
    @Test
    void readsStepsFromSnapshotsThatWereMadeUnderALock() throws Exception {
        BinlogSource source = source(2);
        BinlogCapture locking = new BinlogCapture(
                source,
                kafka.registry(),
                new CopiedFiles(servers.lake) {
                    @Override
                    public void beforeRead(int chunk) throws Exception {
                        execute(
                                source,
                                "UPDATE t SET id = id + 10000 WHERE id IN (" + (chunk + 1) + ", " + (ROWS - chunk)
                                        + ")");
                    }
                },
                new BinlogServer(CaptureKafka.PROJECT, source) {
                    @Override
                    boolean tellsSnapshots() {
                        return false;
                    }
                });
        awaitLoaded(source, kafka.captureNow(locking));

        RawHistory raw = raw(source);
        assertThat(raw.chunks())
                .hasSizeGreaterThan(3)
                .extracting(LoadChunk::pos)
                .containsOnly(raw.chunks().getFirst().pos());
        assertThat(Eventually.within(BinlogServers.SOON, () -> raw(source).current(), rows(source)::equals))
                .hasSize(ROWS);
    }

    /// Every row is in one step, by the server's own order of keys, and a step is read by the index.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a bigint unsigned PRIMARY KEY|CAST(seq AS UNSIGNED) * 30744573456182586",
                "a varchar(30) COLLATE utf8mb4_unicode_ci PRIMARY KEY|concat(elt(1 + seq % 3, 'ä', 'B', 'b\\'\\\\'), seq)",
                "a char(40) CHARACTER SET latin1 PRIMARY KEY|concat(elt(1 + seq % 3, 'é', '?', 'Z'), left(sha2(seq, 256), 38))",
                "a varbinary(20) PRIMARY KEY|unhex(left(sha2(seq, 256), 40))",
                "a uuid PRIMARY KEY|insert(insert(insert(insert(left(sha2(seq, 256), 32), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-')",
                "a decimal(30,4) PRIMARY KEY|(300 - seq) * 12345678901234567890.1234",
                "a datetime(6) PRIMARY KEY|'2024-03-31 01:59:59.999999' + INTERVAL seq * 7919 MICROSECOND",
                "a timestamp(3) PRIMARY KEY|'2024-10-27 00:30:00' + INTERVAL seq * 10 SECOND",
                "a time(2) PRIMARY KEY|sec_to_time((seq - 300) * 1000.25)",
                "a inet6 PRIMARY KEY|concat('fe80::', hex(seq))",
                "a enum('z', 'y', 'x', 'w') NOT NULL, b int, PRIMARY KEY (a, b)|elt(1 + seq % 4, 'z', 'y', 'x', 'w'), seq",
                "a varchar(20), b date, c int, PRIMARY KEY (b, a, c)|concat('k', seq % 7), '2024-01-01' + INTERVAL seq % 5 DAY, seq",
                "a int, b enum('u', 'v'), PRIMARY KEY (a, b)|seq DIV 2, elt(1 + seq % 2, 'u', 'v')"
            })
    void cutsEveryKindOfKey(String columnsAndValues) throws Exception {
        String[] parts = columnsAndValues.split("\\|");
        assumeTrue(isMariaDb() || !parts[0].matches("a (uuid|inet6).*"), "MySQL does not have this type");
        BinlogSource source = servers.source(List.of("t"), "CREATE TABLE t (" + parts[0] + ")");
        servers.inLooseSession(
                source,
                "INSERT IGNORE INTO t SELECT " + parts[1] + " FROM (SELECT CAST(n AS SIGNED) AS seq FROM "
                        + BinlogServers.numbers(3) + " WHERE n <= 600) s");
        SourceTable table = source.tables().getFirst();
        BinlogChecks.Described described;
        KeySteps steps;
        List<String> read = new ArrayList<>();
        int largest = 0;
        try (Connection connection = new BinlogServer(CaptureKafka.PROJECT, source).connect()) {
            described = new BinlogChecks(source).describe(connection, table);
            steps = KeySteps.parse(KeySteps.of(connection, table, described, new KeySteps.Size(600, 100), 5_000)
                    .text());
            for (int step = 0; step < steps.count(); step++) {
                int before = read.size();
                try (PreparedStatement query = steps.query(connection, table, described, step, List.of("*"));
                        ResultSet rows = query.executeQuery()) {
                    while (rows.next()) {
                        StringBuilder row = new StringBuilder();
                        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                            row.append(rows.getString(i)).append('|');
                        }
                        read.add(row.toString());
                    }
                }
                largest = Math.max(largest, read.size() - before);
            }
        }

        assertThat(read).doesNotHaveDuplicates().hasSize(count(source));
        if (parts[0].startsWith("a enum")) {
            assertThat(steps.count()).isEqualTo(1);
        } else {
            assertThat(steps.count()).isGreaterThan(8);
            assertThat(largest).isLessThanOrEqualTo(50);
        }
    }

    @Test
    void keepsKeysThatNobodySeesOutOfThePlan() throws Exception {
        BinlogSource plain = source(1);
        BinlogSource source = new BinlogSource(
                plain.name(),
                plain.product(),
                plain.url(),
                plain.user(),
                plain.password(),
                List.of(new SourceTable(
                        plain.name(),
                        "t",
                        "t",
                        new ColumnRules(Map.of("id", ColumnRule.HASH), new Secret("key of at least some length")),
                        OnSchemaChange.EVOLVE)),
                plain.load());

        awaitLoads(
                servers.kafka.captureNow(new BinlogCapture(CaptureKafka.PROJECT, source, kafka.registry(), files())));

        assertThat(RawHistory.offered(kafka, source.name())).hasSize(1);
    }

    private boolean isMariaDb() {
        return servers.product == BinlogSource.Product.MARIADB;
    }

    private CopiedFiles files() {
        return new CopiedFiles(servers.lake);
    }

    /// Where a step can be cut off.
    private enum Phase {
        PLANNED,
        READ,
        UNOFFERED,
        OFFERED
    }

    /// Fails in one phase of a step and of all after it, so that no more of them are offered.
    private final class DyingFiles extends CopiedFiles {
        private final Phase phase;
        private final int step;

        DyingFiles(Phase phase, int step) {
            super(servers.lake);
            this.phase = phase;
            this.step = step;
        }

        private void reached(Phase now, int chunk) {
            if (now == phase && chunk >= step) {
                throw new IllegalStateException(phase.name());
            }
        }

        @Override
        public void beforeRead(int chunk) {
            reached(Phase.PLANNED, chunk);
        }

        @Override
        public void afterRead(int chunk) {
            reached(Phase.READ, chunk);
        }

        @Override
        public void manifest(FilesWritten files, String runId) {
            reached(Phase.UNOFFERED, Objects.requireNonNull(files.chunk()).chunk());
        }

        @Override
        public void offered(String table) {
            reached(Phase.OFFERED, step);
        }
    }

    private BinlogSource source(int connections) throws Exception {
        BinlogSource source = servers.source(
                List.of("t"), "CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL, big text)", FILL, "ANALYZE TABLE t");
        return new BinlogSource(
                source.name(),
                source.product(),
                source.url(),
                source.user(),
                source.password(),
                source.tables(),
                new LoadSettings(connections, 16 << 10));
    }

    private void execute(BinlogSource source, String... statements) throws Exception {
        database.execute(source.name(), statements);
    }

    private SourceCapture load(BinlogSource source, LoadFiles files) {
        SourceCapture capture = start(source, files);
        awaitLoaded(source, capture);
        return capture;
    }

    private static void awaitLoads(SourceCapture capture) {
        BinlogServers.awaitLoads(capture);
    }

    /// A commit is told before its records are to be read, so this looks at both.
    private void awaitLoaded(BinlogSource source, SourceCapture capture) {
        awaitLoads(capture);
        Eventually.within(BinlogServers.SOON, () -> raw(source), RawHistory::isComplete);
    }

    private SourceCapture start(BinlogSource source, LoadFiles files) {
        return kafka.captureNow(new BinlogCapture(CaptureKafka.PROJECT, source, kafka.registry(), files));
    }

    private RawHistory raw(BinlogSource source) throws Exception {
        return RawHistory.read(kafka, source.name());
    }

    /// What raw holds once so many changes are published.
    private RawHistory rawAt(BinlogSource source, int changes) throws Exception {
        return Eventually.within(BinlogServers.SOON, () -> raw(source), raw -> raw.changes() >= changes);
    }

    private int count(BinlogSource source) throws Exception {
        try (Connection connection = database.connect(source.name());
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT count(*) FROM t")) {
            result.next();
            return result.getInt(1);
        }
    }

    /// The source's rows by key.
    private Map<Integer, String> rows(BinlogSource source) throws Exception {
        Map<Integer, String> rows = new TreeMap<>();
        try (Connection connection = database.connect(source.name());
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT id, n, big FROM t")) {
            while (result.next()) {
                rows.put(result.getInt(1), RawHistory.text(result.getInt(2), result.getString(3)));
            }
        }
        return rows;
    }
}
