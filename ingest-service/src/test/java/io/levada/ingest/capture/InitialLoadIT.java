package io.levada.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.LoadSettings;
import io.levada.definition.PostgresSource;
import io.levada.definition.QuarantinePolicy;
import io.levada.definition.Secret;
import io.levada.definition.SourceTable;
import io.levada.events.LoadChunk;
import io.levada.events.Topics;
import io.levada.ingest.landing.ChangeTopics;
import io.levada.ingest.quarantine.QuarantineCounts;
import io.levada.lake.LakeLayout;
import io.levada.testing.Eventually;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Initial loads of a real PostgreSQL: what raw holds in the end, whatever happens while a table is loaded.
@ExtendWith(CaptureServers.Shared.class)
class InitialLoadIT {
    private static final Duration SOON = Duration.ofSeconds(40);
    private static final AtomicInteger SOURCES = new AtomicInteger();

    /// Every row has a value that is stored apart, so that updates do not send it.
    private static final String COLUMNS = "id int PRIMARY KEY, n int, big text";

    private static final int ROWS = 600;

    private final List<PostgresCapture> captures = new ArrayList<>();
    private final CaptureServers servers;

    @TempDir
    private Path directory;

    InitialLoadIT(CaptureServers servers) {
        this.servers = servers;
    }

    @AfterEach
    void closeCaptures() {
        captures.forEach(PostgresCapture::close);
    }

    @Test
    void readsATableInStepsThatAreOfferedInOrder() throws Exception {
        PostgresSource source = source();

        PostgresCapture capture = load(source, files());

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
        captures.add(start(source, dying));
        Eventually.within(SOON, () -> raw(source).chunks().size(), offered -> offered == 2);
        captures.removeLast().close();

        load(source, files());

        RawHistory raw = raw(source);
        assertThat(raw.chunks()).extracting(LoadChunk::generation).containsOnly(1);
        assertThat(raw.chunks()).extracting(LoadChunk::chunk).doesNotHaveDuplicates().contains(0);
        assertThat(raw.chunks()).hasSize(raw.chunks().getFirst().chunks());
        assertThat(raw.loadedRows()).isEqualTo(ROWS);
        assertThat(raw.current()).isEqualTo(rows(source));
    }

    @Test
    void carriesWhatIsWrittenBeforeTheFirstStepIsRead() throws Exception {
        PostgresSource source = source();
        load(source, new CopiedFiles(layout()) {
            @Override
            void beforeRead(int chunk) throws Exception {
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
        load(source, new CopiedFiles(layout()) {
            @Override
            void afterRead(int chunk) throws Exception {
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
        captures.add(start(source, dyingAt(2)));
        Eventually.within(SOON, () -> raw(source).chunks().size(), offered -> offered == 2);
        captures.removeLast().close();
        execute(source, "DELETE FROM t WHERE id <= 40", "VACUUM t");
        execute(
                source,
                "UPDATE t SET n = -1 WHERE id > " + (ROWS - 20),
                "UPDATE t SET id = id + 10000 WHERE id > " + (ROWS - 30),
                "UPDATE t SET id = id - 10000, n = -2 WHERE id > " + (10000 + ROWS - 10),
                "INSERT INTO t SELECT g, -3, 'another' FROM generate_series(" + (ROWS - 25) + ", " + (ROWS - 20) + ") g",
                "UPDATE t SET n = -4 WHERE id BETWEEN 45 AND 50");
        assertThat(rowsThatMovedBack(source)).as("rows that moved to the first pages").isPositive();

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
        load(source, new CopiedFiles(layout()) {
            @Override
            void beforeRead(int chunk) throws Exception {
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
        captures.add(start(source, dyingAt(2)));
        Eventually.within(SOON, () -> raw(source).chunks().size(), offered -> offered == 2);
        captures.removeLast().close();
        execute(source, "DELETE FROM t WHERE id <= 300", "VACUUM FULL t");

        load(source, files());

        RawHistory raw = raw(source);
        assertThat(raw.chunks().getLast().generation()).isEqualTo(2);
        assertThat(raw.current()).isEqualTo(rows(source)).hasSize(300);
    }

    @Test
    void offersATableWithoutAKeyWhole() throws Exception {
        PostgresSource source = source();
        execute(source, "ALTER TABLE t DROP CONSTRAINT t_pkey", "ALTER TABLE t REPLICA IDENTITY FULL");
        captures.add(start(source, dyingAt(3)));
        Eventually.within(
                SOON, () -> captures.getLast().status().tables().getFirst().message(), "killed"::equals);
        assertThat(raw(source).chunks()).isEmpty();
        captures.removeLast().close();

        load(source, files());

        RawHistory raw = raw(source);
        assertThat(raw.chunks()).singleElement().extracting(LoadChunk::chunks).isEqualTo(1);
        assertThat(raw.loadedRows()).isEqualTo(ROWS);
    }

    @Test
    void waitsForATransactionThatIsOpenWhenALoadGoesOn() throws Exception {
        PostgresSource source = source();
        captures.add(start(source, dyingAt(1)));
        Eventually.within(SOON, () -> raw(source).chunks().size(), offered -> offered == 1);
        captures.removeLast().close();
        PostgresCapture capture;
        try (Connection open = servers.postgres.connect(source.name());
                Statement statement = open.createStatement()) {
            open.setAutoCommit(false);
            statement.execute("UPDATE t SET n = -1 WHERE id > 500");
            capture = start(source, files());
            captures.add(capture);
            Eventually.within(
                    SOON,
                    () -> String.valueOf(capture.status().tables().getFirst().message()),
                    message -> message.startsWith("Waiting for transactions"));
            open.commit();
        }
        awaitLoaded(source, capture);

        assertThat(rawAt(source, 100).current()).isEqualTo(rows(source));
    }

    private CopiedFiles files() {
        return new CopiedFiles(layout());
    }

    /// Fails at a step, whenever it is tried.
    private CopiedFiles dyingAt(int step) {
        return new CopiedFiles(layout()) {
            @Override
            void afterRead(int chunk) {
                if (chunk >= step) {
                    throw new IllegalStateException("killed");
                }
            }
        };
    }

    private LakeLayout layout() {
        return new LakeLayout(directory.resolve("lake").toString());
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

    private PostgresCapture load(PostgresSource source, LoadFiles files) {
        PostgresCapture capture = start(source, files);
        captures.add(capture);
        awaitLoaded(source, capture);
        return capture;
    }

    /// A commit is told before its records are to be read, so this looks at both.
    private void awaitLoaded(PostgresSource source, PostgresCapture capture) {
        Eventually.within(SOON, () -> capture.status().tables().getFirst().state(), "LOADED"::equals);
        Eventually.within(SOON, () -> raw(source), RawHistory::isComplete);
    }

    private PostgresCapture start(PostgresSource source, LoadFiles files) {
        ChangeTopics topics = ChangeTopics.ensure(
                servers.kafka.bootstrapServers(),
                List.of(Topics.changes(source.name(), "t"), Topics.FILES_WRITTEN),
                List.of(Topics.sourcePositions(source.name())));
        PostgresCapture capture = new PostgresCapture(
                "test",
                source,
                servers.kafka.bootstrapServers(),
                topics,
                servers.registry,
                files,
                new QuarantineCounts(),
                QuarantinePolicy.DEFAULT);
        capture.start();
        return capture;
    }

    private RawHistory raw(PostgresSource source) throws Exception {
        return RawHistory.read(servers, source.name());
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
