package io.levada.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.LoadSettings;
import io.levada.definition.PostgresSource;
import io.levada.definition.Secret;
import io.levada.definition.SourceTable;
import io.levada.events.LoadChunk;
import io.levada.ingest.capture.CopiedFiles;
import io.levada.ingest.capture.LoadFiles;
import io.levada.ingest.capture.RawHistory;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.capture.SourceLog;
import io.levada.testing.Eventually;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Initial loads of a real PostgreSQL: what raw holds in the end, whatever happens while a table is loaded.
@ExtendWith(CaptureServers.Shared.class)
class InitialLoadIT {
    private static final Duration SOON = Eventually.PATIENCE;
    private static final AtomicInteger SOURCES = new AtomicInteger();

    /// Every row has a value that is stored apart, so that updates do not send it.
    private static final String COLUMNS = "id int PRIMARY KEY, n int, big text";

    private static final int ROWS = 600;

    private final CaptureServers servers;

    InitialLoadIT(CaptureServers servers) {
        this.servers = servers;
    }

    @Test
    void readsATableInStepsThatAreOfferedInOrder() throws Exception {
        PostgresSource source = source();

        SourceCapture capture = load(source, files());

        RawHistory raw = raw(source);
        assertThat(raw.chunks()).hasSizeGreaterThan(3);
        assertThat(raw.chunks()).extracting(LoadChunk::chunk).isSorted().doesNotHaveDuplicates();
        assertThat(raw.loadedRows()).isEqualTo(ROWS);
        assertThat(raw.current()).isEqualTo(rows(source));
        assertThat(capture.status().tables().getFirst().rowsLoaded()).isEqualTo(ROWS);
    }

    @Test
    void goesOnWithTheFirstStepThatWasNotOfferedInTheSameGeneration() throws Exception {
        PostgresSource source = source();
        CopiedFiles dying = dyingAt(2);
        SourceCapture first = start(source, dying);
        Eventually.within(SOON, () -> raw(source).chunks().size(), offered -> offered == 2);
        first.close();

        load(source, files());

        RawHistory raw = raw(source);
        assertThat(raw.chunks()).extracting(LoadChunk::generation).containsOnly(1);
        assertThat(raw.chunks())
                .extracting(LoadChunk::chunk)
                .doesNotHaveDuplicates()
                .contains(0);
        assertThat(raw.chunks()).hasSize(raw.chunks().getFirst().chunks());
        assertThat(raw.loadedRows()).isEqualTo(ROWS);
        assertThat(raw.current()).isEqualTo(rows(source));
    }

    @Test
    void carriesWhatIsWrittenBeforeTheFirstStepIsRead() throws Exception {
        PostgresSource source = source();
        load(source, new CopiedFiles(servers.lake()) {
            @Override
            public void beforeRead(int chunk) throws Exception {
                if (chunk == 0) {
                    execute(source, "INSERT INTO t VALUES (9001, 1, 'new')", "UPDATE t SET n = -1 WHERE id <= 10");
                    execute(source, "DELETE FROM t WHERE id = 11", "UPDATE t SET id = 9012 WHERE id = 12");
                }
            }
        });

        assertThat(rawAt(source, 13).current()).isEqualTo(rows(source)).hasSize(ROWS);
    }

    @Test
    void carriesWhatIsWrittenBetweenTheReadOfAStepAndItsOffer() throws Exception {
        PostgresSource source = source();
        load(source, new CopiedFiles(servers.lake()) {
            @Override
            public void afterRead(int chunk) throws Exception {
                int first = chunk * 100;
                execute(
                        source,
                        "DELETE FROM t WHERE id = " + (first + 1),
                        "UPDATE t SET n = -1 WHERE id = " + (first + 2),
                        "UPDATE t SET id = id + 10000, n = -2 WHERE id = " + (first + 3),
                        "INSERT INTO t VALUES (" + (first + 3) + ", -3, 'another')");
            }
        });

        assertThat(rawAt(source, 16).current()).isEqualTo(rows(source));
    }

    /// Rows that were not read yet move to pages that were, keep their big values, which no change sends, and
    /// change keys that other rows take.
    @Test
    void keepsTheUnsentValuesOfRowsThatMoveWhileTheLoadIsCutOff() throws Exception {
        PostgresSource source = source();
        SourceCapture first = start(source, dyingAt(2));
        Eventually.within(SOON, () -> raw(source).chunks().size(), offered -> offered == 2);
        first.close();
        execute(source, "DELETE FROM t WHERE id <= 40", "VACUUM t");
        execute(
                source,
                "UPDATE t SET n = -1 WHERE id > " + (ROWS - 20),
                "UPDATE t SET id = id + 10000 WHERE id > " + (ROWS - 30),
                "UPDATE t SET id = id - 10000, n = -2 WHERE id > " + (10000 + ROWS - 10),
                "INSERT INTO t SELECT g, -3, 'another' FROM generate_series(" + (ROWS - 25) + ", " + (ROWS - 20)
                        + ") g",
                "UPDATE t SET n = -4 WHERE id BETWEEN 45 AND 50");
        assertThat(rowsThatMovedBack(source))
                .as("rows that moved to the first pages")
                .isPositive();

        load(source, files());

        RawHistory raw = rawAt(source, 40 + 20 + 30 + 10 + 6 + 6);
        assertThat(raw.chunks()).extracting(LoadChunk::generation).containsOnly(1);
        assertThat(raw.current()).isEqualTo(rows(source));
        execute(source, "UPDATE t SET n = -5 WHERE id > 500", "DELETE FROM t WHERE id = 600");
        assertThat(Eventually.within(SOON, () -> raw(source).current(), rows(source)::equals))
                .isEqualTo(rows(source));
    }

    @Test
    void loadsATableAgainThatWasTruncatedWhileItWasLoaded() throws Exception {
        PostgresSource source = source();
        AtomicInteger once = new AtomicInteger();
        load(source, new CopiedFiles(servers.lake()) {
            @Override
            public void beforeRead(int chunk) throws Exception {
                if (chunk == 2 && once.getAndIncrement() == 0) {
                    execute(source, "TRUNCATE t", "INSERT INTO t VALUES (1, 7, 'after')");
                }
            }
        });

        RawHistory raw = raw(source);
        assertThat(raw.chunks().getLast().generation()).isEqualTo(2);
        assertThat(raw.current()).isEqualTo(rows(source)).hasSize(1);
    }

    @Test
    void loadsATableAgainThatWasWrittenAnewWhileItsLoadWasCutOff() throws Exception {
        PostgresSource source = source();
        SourceCapture first = start(source, dyingAt(2));
        Eventually.within(SOON, () -> raw(source).chunks().size(), offered -> offered == 2);
        first.close();
        execute(source, "DELETE FROM t WHERE id <= 300", "VACUUM FULL t");

        load(source, files());

        RawHistory raw = raw(source);
        assertThat(raw.chunks().getLast().generation()).isEqualTo(2);
        assertThat(raw.current()).isEqualTo(rows(source)).hasSize(300);
        servers.closeCaptures();
        try (SourceLog log = servers.kafka.open(source);
                Connection connection = servers.postgres.connect(source.name())) {
            assertThat(log.form("t"))
                    .as("what the watch compares with, so that the rewrite is no news to it")
                    .contains(Objects.requireNonNull(
                            TableForms.of(connection, source.tables()).get("t")));
        }
    }

    /// Nothing changes at the source, so only the load finds out that it was fenced.
    @Test
    void goesOnAfterAPredecessorOpenedTheLogOnceMoreWithinTheLoad() throws Exception {
        PostgresSource source = source();
        AtomicInteger reads = new AtomicInteger();
        SourceCapture capture = start(source, new CopiedFiles(servers.lake()) {
            @Override
            public void afterRead(int chunk) {
                if (reads.incrementAndGet() == 2) {
                    servers.kafka.openLate(source).close();
                }
            }
        });

        awaitLoaded(source, capture);

        RawHistory raw = raw(source);
        assertThat(raw.current()).isEqualTo(rows(source));
        assertThat(raw.loadedRows()).as("each row once").isEqualTo(ROWS);
    }

    @Test
    void offersATableWithoutAKeyWhole() throws Exception {
        PostgresSource source = source();
        execute(source, "ALTER TABLE t DROP CONSTRAINT t_pkey", "ALTER TABLE t REPLICA IDENTITY FULL");
        SourceCapture first = start(source, dyingAt(3));
        Eventually.within(SOON, () -> first.status().tables().getFirst().message(), "killed"::equals);
        assertThat(raw(source).chunks()).isEmpty();
        first.close();

        load(source, files());

        RawHistory raw = raw(source);
        assertThat(raw.chunks()).singleElement().extracting(LoadChunk::chunks).isEqualTo(1);
        assertThat(raw.loadedRows()).isEqualTo(ROWS);
    }

    @Test
    void waitsForATransactionThatIsOpenWhenALoadGoesOn() throws Exception {
        PostgresSource source = source();
        SourceCapture first = start(source, dyingAt(1));
        Eventually.within(SOON, () -> raw(source).chunks().size(), offered -> offered == 1);
        first.close();
        SourceCapture capture;
        try (Connection open = servers.postgres.connect(source.name());
                Statement statement = open.createStatement()) {
            open.setAutoCommit(false);
            statement.execute("UPDATE t SET n = -1 WHERE id > 500");
            capture = start(source, files());
            Eventually.within(
                    SOON,
                    () -> String.valueOf(capture.status().tables().getFirst().message()),
                    message -> message.startsWith("Waiting for transactions"));
            open.commit();
        }
        awaitLoaded(source, capture);

        assertThat(rawAt(source, 100).current()).isEqualTo(rows(source));
    }

    @Test
    void readsEveryTypeExactlyAndPutsAsideWhatTheLakeCanNotHold() throws Exception {
        PostgresSource source = source();
        execute(
                source,
                "DROP TABLE t",
                "CREATE TYPE mood AS ENUM ('glad', 'sad')",
                "CREATE TABLE t (id int PRIMARY KEY, b bool, s smallint, l bigint, o oid, f real, d double precision,"
                        + " n numeric(12,2), w numeric(30,5), p numeric, day date, at time, ts timestamp, tz timestamptz,"
                        + " u uuid, y bytea, j jsonb, c char(4), i inet, m mood, a int[], x text[], ds date[], r int4range)",
                "INSERT INTO t VALUES (1, true, -7, 9000000000, 4000000000, 1.5, -0.1, -1234567890.05,"
                        + " -1234567890123456789012345.00001, 1.500, '4714-11-24 BC', '23:59:59.999999',"
                        + " '0044-03-15 12:00 BC', '12345-01-01 12:00+00', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '\\x00ff',"
                        + " '{\"k\": [1, null]}', 'ab', '10.0.0.1', 'glad', '{1,NULL,3}', '{a,\"b,c\",NULL,NULL}',"
                        + " '{2024-02-29}', '[1,5)')",
                "INSERT INTO t (id, n, w) VALUES (2, 0.10, 0), (3, 9999999999.99, 7000)",
                "INSERT INTO t (id, b, day) VALUES (10, true, 'infinity')",
                "INSERT INTO t (id, ts) VALUES (11, '-infinity')",
                "INSERT INTO t (id, tz) VALUES (12, '294276-12-31+00')",
                "INSERT INTO t (id, at) VALUES (13, '24:00')",
                "INSERT INTO t (id, n) VALUES (14, 'NaN')",
                "INSERT INTO t (id, x) VALUES (15, '{{a,b},{c,NULL}}')",
                "INSERT INTO t (id, x) VALUES (16, '[0:1]={a,b}')",
                "INSERT INTO t (id, ds) VALUES (17, '{infinity}')");

        SourceCapture capture = start(source, files());
        Eventually.within(SOON, () -> capture.status().tables().getFirst().state(), "LOADED"::equals);
        String table = "raw." + source.name() + "_t";

        assertThat(duckdb(
                        "SELECT b, s, l, o, f, d, n, w, p, day::date = date '4714-11-24 (BC)', \"at\", ts::text, tz::text, u,"
                                + " y::text, j, c, i, m, a::text, x::text, ds::text, r, _op, _load FROM read_parquet("
                                + RawHistory.files(servers.kafka, table + "/" + table)
                                + ", hive_partitioning=false) ORDER BY id"))
                .containsExactly(
                        "true|-7|9000000000|4000000000|1.5|-0.1|-1234567890.05|-1234567890123456789012345.00001|1.500|true"
                                + "|23:59:59.999999|0044-03-15 (BC) 12:00:00|12345-01-01 12:00:00+00"
                                + "|a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|\\x00\\xFF|{\"k\": [1, null]}|ab  |10.0.0.1|glad"
                                + "|[1, NULL, 3]|[a, 'b,c', NULL, NULL]|[2024-02-29]|[1,5)|r|1",
                        "null|null|null|null|null|null|0.10|0.00000|null|null|null|null|null|null|null|null|null|null|null"
                                + "|null|null|null|null|r|1",
                        "null|null|null|null|null|null|9999999999.99|7000.00000|null|null|null|null|null|null|null|null"
                                + "|null|null|null|null|null|null|null|r|1");
        assertThat(duckdb(
                        "SELECT regexp_replace(decode(raw), '\"[a-z]+\":null,?', '', 'g'), regexp_replace(reason, ':.*', '')"
                                + " FROM read_parquet(" + RawHistory.files(servers.kafka, "raw.quarantine/" + table)
                                + ", hive_partitioning=false) ORDER BY decode(raw)"))
                .containsExactly(
                        "{\"id\":\"10\",\"b\":\"t\",\"day\":\"infinity\",}|column day",
                        "{\"id\":\"11\",\"ts\":\"-infinity\",}|column ts",
                        "{\"id\":\"12\",\"tz\":\"294276-12-31 00:00:00+00\",}|column tz",
                        "{\"id\":\"13\",\"at\":\"24:00:00\",}|column at",
                        "{\"id\":\"14\",\"n\":\"NaN\",}|column n",
                        "{\"id\":\"15\",\"x\":\"{{a,b},{c,NULL}}\",}|column x",
                        "{\"id\":\"16\",\"x\":\"[0:1]={a,b}\",}|column x",
                        "{\"id\":\"17\",\"ds\":\"{infinity}\",}|column ds");
    }

    private static List<String> duckdb(String query) throws Exception {
        List<String> rows = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            ResultSet result = statement.executeQuery(query);
            while (result.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    values.add(String.valueOf(result.getString(i)));
                }
                rows.add(String.join("|", values));
            }
        }
        return rows;
    }

    private CopiedFiles files() {
        return new CopiedFiles(servers.lake());
    }

    /// Fails at a step, whenever it is tried.
    private CopiedFiles dyingAt(int step) {
        return new CopiedFiles(servers.lake()) {
            @Override
            public void afterRead(int chunk) {
                if (chunk >= step) {
                    throw new IllegalStateException("killed");
                }
            }
        };
    }

    private PostgresSource source() throws Exception {
        String name = "load" + SOURCES.incrementAndGet();
        servers.postgres.createDatabase(name);
        servers.postgres.execute(
                name,
                "CREATE TABLE t (" + COLUMNS + ")",
                "ALTER TABLE t ALTER big SET STORAGE EXTERNAL",
                "INSERT INTO t SELECT g, g, repeat(g::text, 1000) FROM generate_series(1, " + ROWS + ") g",
                "UPDATE t SET n = n + 1");
        return new PostgresSource(
                name,
                servers.postgres.url(name),
                servers.postgres.user(),
                new Secret(servers.postgres.password()),
                List.of(new SourceTable("public", "t", "t")),
                PostgresSource.DEFAULT_LOG_LIMIT,
                new LoadSettings(2, 200 << 10));
    }

    private void execute(PostgresSource source, String... statements) throws Exception {
        servers.postgres.execute(source.name(), statements);
    }

    private SourceCapture load(PostgresSource source, LoadFiles files) {
        SourceCapture capture = start(source, files);
        awaitLoaded(source, capture);
        return capture;
    }

    /// A commit is told before its records are to be read, so this looks at both.
    private void awaitLoaded(PostgresSource source, SourceCapture capture) {
        Eventually.within(SOON, () -> capture.status().tables().getFirst().state(), "LOADED"::equals);
        Eventually.within(SOON, () -> raw(source), RawHistory::isComplete);
    }

    private SourceCapture start(PostgresSource source, LoadFiles files) {
        return servers.capture(source, files);
    }

    private RawHistory raw(PostgresSource source) throws Exception {
        return RawHistory.read(servers.kafka, source.name());
    }

    /// What raw holds once so many changes are published.
    private RawHistory rawAt(PostgresSource source, int changes) throws Exception {
        return Eventually.within(SOON, () -> raw(source), raw -> raw.changes() >= changes);
    }

    private long rowsThatMovedBack(PostgresSource source) throws Exception {
        try (Connection connection = servers.postgres.connect(source.name());
                Statement statement = connection.createStatement();
                ResultSet result =
                        statement.executeQuery("SELECT count(*) FROM t WHERE id > 500 AND ctid < '(2,0)'::tid")) {
            result.next();
            return result.getLong(1);
        }
    }

    /// The source's rows by key.
    private Map<Integer, String> rows(PostgresSource source) throws Exception {
        Map<Integer, String> rows = new TreeMap<>();
        try (Connection connection = servers.postgres.connect(source.name());
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT id, n, big FROM t")) {
            while (result.next()) {
                rows.put(result.getInt(1), RawHistory.text(result.getInt(2), result.getString(3)));
            }
        }
        return rows;
    }
}
