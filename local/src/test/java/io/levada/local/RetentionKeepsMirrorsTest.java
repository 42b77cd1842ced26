package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.catalog.retention.SupersededRows;
import io.levada.local.RandomHistory.Entry;
import io.levada.transform.mirror.MirrorSql;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What retention takes out of a history changes no mirror: not when it is taken whole, not when a crash lets a part of
/// it go, and not with what is written afterwards.
class RetentionKeepsMirrorsTest {
    private static final List<String> KEY = List.of("region", "id");
    private static final List<String> COLUMNS = List.of("amount", "region", "note", "id", "tags");
    private static final int SEEDS = Integer.getInteger("levada.retention.seeds", 40);
    private static final long FIRST = Long.getLong("levada.retention.first", 0);
    private static final int ROUNDS = 4;
    private static final String KEPT = "kept";
    private static final String WHOLE = "whole";

    private Connection connection;
    private long gone;

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
    void keepsEveryMirrorOfRandomHistories() throws SQLException {
        long rows = 0;
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            RandomHistory history = new RandomHistory(seed);
            Random random = new Random(seed);
            create();
            int stored = 0;
            for (int round = 0; round < ROUNDS; round++) {
                history.goOn();
                stored = store(history, stored);
                List<String> expected = mirror(history, WHOLE);
                assertThat(mirror(history, KEPT))
                        .as("seed %d after the changes of round %d", seed, round)
                        .isEqualTo(expected);
                takeOut(history, random.nextInt(history.day() + 2), random);
                assertThat(mirror(history, KEPT))
                        .as("seed %d after round %d", seed, round)
                        .isEqualTo(expected);
            }
            rows += stored;
        }

        assertThat(gone).isGreaterThan(rows / 10);
    }

    /// All that may go, or a part of it.
    private void takeOut(RandomHistory history, int cutoff, Random random) throws SQLException {
        SupersededRows superseded = new SupersededRows(KEY, history.generation(), history.loadPos());
        List<Integer> numbers = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT n, day FROM (%s)"
                        .formatted(superseded.select(
                                "(" + superseded.extract(KEPT, "n, day") + ")", "day < " + cutoff)))) {
            while (rows.next()) {
                numbers.add(rows.getInt(1));
                assertThat(rows.getInt(2)).isLessThan(cutoff);
            }
        }
        assertThat(numbers).doesNotHaveDuplicates();
        if (random.nextBoolean()) {
            numbers.removeIf(_ -> random.nextBoolean());
        }
        gone += numbers.size();
        if (!numbers.isEmpty()) {
            execute("DELETE FROM kept WHERE n IN (%s)"
                    .formatted(numbers.stream().map(String::valueOf).collect(Collectors.joining(", "))));
        }
    }

    private List<String> mirror(RandomHistory history, String table) throws SQLException {
        MirrorSql sql = new MirrorSql(table, COLUMNS, KEY, history.generation(), history.loadPos(), history.lastPos());
        List<String> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT t::VARCHAR FROM (" + select(sql) + ") t")) {
            while (result.next()) {
                rows.add(result.getString(1));
            }
        }
        Collections.sort(rows);
        return rows;
    }

    private String select(MirrorSql sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet probe = statement.executeQuery(sql.probe())) {
            probe.next();
            List<String> names = new ArrayList<>();
            java.sql.Array unchanged = probe.getArray("unchanged");
            if (unchanged != null) {
                for (Object name : (Object[]) unchanged.getArray()) {
                    names.add((String) name);
                }
            }
            return sql.select(probe.getString("floor"), names);
        }
    }

    private void create() throws SQLException {
        for (String table : List.of(WHOLE, KEPT)) {
            execute("""
                    CREATE OR REPLACE TABLE %s (n INT, day INT, region VARCHAR, id INT, amount INT, note VARCHAR,
                      tags VARCHAR, _op VARCHAR, _pos VARCHAR, _unchanged VARCHAR[],
                      _old_key STRUCT(region VARCHAR, id INT), _load INT)""".formatted(table));
        }
    }

    /// @return how many rows of the history are stored then
    private int store(RandomHistory history, int stored) throws SQLException {
        List<Entry> next = history.entries().subList(stored, history.entries().size());
        if (!next.isEmpty()) {
            String values = next.stream().map(Entry::sql).collect(Collectors.joining(", "));
            execute("INSERT INTO whole VALUES " + values);
            execute("INSERT INTO kept VALUES " + values);
        }
        return history.entries().size();
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
