package io.levada.transform.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.transform.mirror.SourceHistory.Entry;
import io.levada.transform.mirror.SourceHistory.Key;
import io.levada.transform.mirror.SourceHistory.Values;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MirrorSqlTest {
    private static final List<String> COLUMNS = List.of("amount", "region", "note", "id", "tags");
    private static final int SEEDS = Integer.getInteger("levada.mirror.seeds", 50);
    private static final Key A = new Key("a", 1);
    private static final Key B = new Key("b", 2);
    private static final Key C = new Key("c", 3);

    private Connection connection;

    @BeforeEach
    void open() throws SQLException {
        connection = DriverManager.getConnection("jdbc:duckdb:");
        execute("SET threads = 1");
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    @Test
    void equalsTheSourceAfterAnyHistoryFromALoadAtOnePoint() throws SQLException {
        for (long seed = 0; seed < SEEDS; seed++) {
            SourceHistory history = new SourceHistory(seed);
            Random random = new Random(seed);
            history.work(random.nextInt(15));
            history.load();
            history.work(random.nextInt(60));

            assertThat(mirror(history)).as("seed " + seed).isEqualTo(expected(history));
        }
    }

    @Test
    void equalsTheSourceAfterLoadsThatWereResumedWhileTheTableChanged() throws SQLException {
        for (long seed = 1000; seed < 1000 + 2 * SEEDS; seed++) {
            SourceHistory history = new SourceHistory(seed);
            Random random = new Random(seed);
            history.work(random.nextInt(20));
            history.loadInParts(random.nextInt(12));
            history.work(random.nextInt(30));
            if (random.nextBoolean()) {
                history.loadInParts(random.nextInt(12), random.nextInt(12));
                history.work(random.nextInt(30));
            }
            if (random.nextBoolean()) {
                history.abandonedLoad();
                history.work(random.nextInt(10));
            }

            assertThat(mirror(history)).as("seed " + seed).isEqualTo(expected(history));
        }
    }

    @Test
    void takesUnsentValuesAlongAChainOfKeysThatReturnsToTheFirst() throws SQLException {
        SourceHistory history = new SourceHistory(1);
        history.insert(A, new Values(1, "kept", List.of(7)));
        history.load();
        history.update(A, B, new Values(2, null, null), List.of("note", "tags"));
        history.update(B, C, new Values(3, null, null), List.of("note", "tags"));
        history.update(C, A, new Values(4, null, List.of(9)), List.of("note"));

        assertThat(mirror(history)).containsExactly("a|1|4|kept|[9]");
    }

    @Test
    void doesNotGiveADeletedRowsValueToTheNextRowOfTheKey() throws SQLException {
        SourceHistory history = new SourceHistory(1);
        history.insert(A, new Values(1, "of the first life", List.of(1)));
        history.load();
        history.delete(A);
        history.insert(B, new Values(2, null, List.of(2)));
        history.update(B, A, new Values(3, null, null), List.of("note", "tags"));

        assertThat(mirror(history)).containsExactly("a|1|3|null|[2]");
    }

    @Test
    void changesAfterLostLogCountOnlyWithTheLoadThatFollows() throws SQLException {
        SourceHistory history = new SourceHistory(1);
        history.insert(A, new Values(1, "loaded", null));
        history.load();
        List<String> before = mirror(history);
        history.entries()
                .add(new Entry(
                        "c", "0002-00000000000000000001", B, new Values(2, "after", null), List.of(), null, null));
        history.entries().add(new Entry("t", "0002-00000000000000000002", null, null, List.of(), null, null));

        assertThat(mirror(history)).isEqualTo(before);
    }

    @Test
    void aRowThatWasLoadedAndStreamedStandsOnceAsStreamed() throws SQLException {
        SourceHistory history = new SourceHistory(1);
        history.load();
        history.insert(A, new Values(1, "streamed", null));
        history.entries().add(new Entry("r", history.loadPos(), A, new Values(1, "loaded", null), List.of(), null, 1));

        assertThat(mirror(history)).containsExactly("a|1|1|streamed|null");
    }

    @Test
    void aChangeAtTheLoadsOwnPositionIsPartOfTheLoad() throws SQLException {
        SourceHistory history = new SourceHistory(1);
        history.load();
        history.entries().add(new Entry("r", history.loadPos(), A, new Values(1, "loaded", null), List.of(), null, 1));
        history.entries()
                .add(new Entry("c", history.loadPos(), A, new Values(1, "streamed", null), List.of(), null, null));

        assertThat(mirror(history)).containsExactly("a|1|1|loaded|null");
    }

    @Test
    void aLoadOfNoRowsHidesWhatWasBefore() throws SQLException {
        SourceHistory history = new SourceHistory(1);
        history.insert(A, new Values(1, "before", null));
        history.load();
        history.truncate();
        history.load();

        assertThat(mirror(history)).isEmpty();
    }

    @Test
    void aTruncateVoidsWhatWasLoadedAndChangedBeforeIt() throws SQLException {
        SourceHistory history = new SourceHistory(1);
        history.insert(A, new Values(1, "a", null));
        history.load();
        history.insert(B, new Values(2, "b", null));
        history.truncate();
        history.insert(C, new Values(3, "c", null));

        assertThat(mirror(history)).containsExactly("c|3|3|c|null");
    }

    @Test
    void aRowThatMovedBeforeItWasReadHasTheValuesThatWereReadThen() throws SQLException {
        SourceHistory history = new SourceHistory(1);
        history.loadInParts(0);
        history.insertUnseen(A, new Values(1, "kept", List.of(5)));
        history.update(A, B, new Values(2, null, null), List.of("note", "tags"));
        history.resumeAndRead(B);
        history.update(B, C, new Values(3, null, null), List.of("note", "tags"));

        assertThat(mirror(history)).containsExactly("c|3|3|kept|[5]");
    }

    @Test
    void aRowThatMovedTwiceBeforeItWasReadHasNothingOfTheRowThatTookItsKeyInBetween() throws SQLException {
        SourceHistory history = new SourceHistory(1);
        history.loadInParts(0);
        history.insertUnseen(A, new Values(1, "kept", null));
        history.update(A, B, new Values(2, null, null), List.of("note"));
        history.update(B, C, new Values(3, null, null), List.of("note"));
        history.insert(B, new Values(4, "another row", null));
        history.resumeAndRead(B, C);

        assertThat(mirror(history)).containsExactly("b|2|4|another row|null", "c|3|3|kept|null");
    }

    @Test
    void aRowThatMovedToALoadedKeyThatWasDeletedHasNothingOfTheDeletedRow() throws SQLException {
        SourceHistory history = new SourceHistory(1);
        history.insert(C, new Values(2, "deleted", null));
        history.load();
        history.insertUnseen(A, new Values(1, "kept", null));
        history.update(A, B, new Values(3, null, null), List.of("note"));
        history.resumeAndRead(B);
        history.delete(C);
        history.update(B, C, new Values(4, null, null), List.of("note"));

        assertThat(mirror(history)).containsExactly("c|3|4|kept|null");
    }

    @Test
    void aRowThatWasReadTwiceStandsOnce() throws SQLException {
        SourceHistory history = new SourceHistory(1);
        history.insert(A, new Values(1, "twice", null));
        history.load();
        history.insert(B, new Values(2, "other", null));
        history.resumeAndRead(A, B);

        assertThat(mirror(history)).containsExactly("a|1|1|twice|null", "b|2|2|other|null");
    }

    private List<String> expected(SourceHistory history) {
        return history.rows().entrySet().stream()
                .map(row -> text(row.getKey(), row.getValue()))
                .sorted()
                .toList();
    }

    private static String text(Key key, Values values) {
        return "%s|%d|%d|%s|%s".formatted(key.region(), key.id(), values.amount(), values.note(), values.tags());
    }

    private List<String> mirror(SourceHistory history) throws SQLException {
        store(history.entries());
        MirrorSql sql = new MirrorSql(
                "\"raw\".\"t\"",
                COLUMNS,
                List.of("region", "id"),
                history.generation(),
                history.loadPos(),
                history.lastPos());
        String select = select(sql);
        List<String> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(
                        "SELECT region, id, amount, note, tags::VARCHAR FROM (" + select + ")")) {
            while (result.next()) {
                rows.add("%s|%d|%d|%s|%s"
                        .formatted(
                                result.getString(1),
                                result.getInt(2),
                                result.getInt(3),
                                result.getString(4),
                                result.getString(5)));
            }
        }
        Collections.sort(rows);
        return rows;
    }

    private String select(MirrorSql sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql.probe())) {
            result.next();
            java.sql.Array unchanged = result.getArray("unchanged");
            List<String> names = new ArrayList<>();
            if (unchanged != null) {
                for (Object name : (Object[]) unchanged.getArray()) {
                    names.add((String) name);
                }
            }
            return sql.select(result.getString("floor"), names);
        }
    }

    private void store(List<Entry> entries) throws SQLException {
        execute("CREATE SCHEMA IF NOT EXISTS raw");
        execute("""
                CREATE OR REPLACE TABLE raw.t (amount INT, region VARCHAR, note VARCHAR, id INT, tags INT[], _op VARCHAR,
                  _pos VARCHAR, _unchanged VARCHAR[], _old_key STRUCT(region VARCHAR, id INT), _load INT)""");
        List<Entry> shuffled = new ArrayList<>(entries);
        Collections.shuffle(shuffled, new Random(entries.size()));
        if (!shuffled.isEmpty()) {
            execute("INSERT INTO raw.t VALUES "
                    + shuffled.stream().map(MirrorSqlTest::row).collect(Collectors.joining(", ")));
        }
    }

    private static String row(Entry entry) {
        Key key = entry.key();
        Key oldKey = entry.oldKey();
        Values values = entry.values();
        return "(%s, %s, %s, %s, %s, '%s', '%s', %s, %s, %s)"
                .formatted(
                        values == null ? null : values.amount(),
                        key == null ? null : literal(key.region()),
                        values == null ? null : literal(values.note()),
                        key == null ? null : key.id(),
                        values == null ? null : values.tags(),
                        entry.op(),
                        entry.pos(),
                        entry.unchanged().isEmpty()
                                ? null
                                : entry.unchanged().stream()
                                        .map(MirrorSqlTest::literal)
                                        .collect(Collectors.joining(",", "[", "]")),
                        oldKey == null
                                ? null
                                : "{'region': %s, 'id': %d}".formatted(literal(oldKey.region()), oldKey.id()),
                        entry.load());
    }

    private static @Nullable String literal(@Nullable String text) {
        return text == null ? null : "'" + text.replace("'", "''") + "'";
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
