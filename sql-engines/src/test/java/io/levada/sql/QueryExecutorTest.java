package io.levada.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class QueryExecutorTest {
    private static final Duration WAIT = Duration.ofSeconds(30);
    private static final String ENDLESS = "SELECT count(*) FROM range(1000000000000) a WHERE hash(a.range) = 1";

    @TempDir
    Path directory;

    private final List<QueryStatus> ended = Collections.synchronizedList(new ArrayList<>());
    private ParquetTables tables;
    private SelectGate gate;
    private QueryExecutor executor;

    @BeforeEach
    void start() throws Exception {
        Path lake = Files.createDirectories(directory.resolve("lake"));
        String file = ParquetFixture.write(
                lake.resolve("a.parquet"), "SELECT i AS id, 'n' || i AS name FROM range(3) r(i)", "{id: 1, name: 2}");
        Schema schema = new Schema(
                Types.NestedField.optional(1, "id", Types.LongType.get()),
                Types.NestedField.optional(2, "name", Types.StringType.get()));
        tables = new ParquetTables(
                new DuckDbSettings(256, 1, directory.resolve("tmp"), List.of(lake)),
                List.of(new ParquetTable("raw.t", schema, List.of(file))));
        gate = SelectGate.open();
        executor = new QueryExecutor(
                tables, gate, new QueryLimits(1, 2, 100, 10_000, 3, 20_000), (_, status) -> ended.add(status));
    }

    @AfterEach
    void stop() throws Exception {
        executor.close();
        gate.close();
    }

    private QueryStatus run(String sql, Map<String, @Nullable Object> parameters, int maxRows) throws Exception {
        return executor.submit(new QueryRequest(sql, parameters, maxRows)).await(WAIT);
    }

    private QueryStatus run(String sql) throws Exception {
        return run(sql, Map.of(), 100);
    }

    private @Nullable Object value(String expression) throws Exception {
        QueryStatus status = run("SELECT " + expression);
        assertThat(status.failure()).as(expression).isNull();
        return status.rows().getFirst().getFirst();
    }

    @Test
    void answersWithColumnsRowsAndSnapshots() throws Exception {
        QueryStatus status = run("SELECT id, name, id AS name FROM raw.t ORDER BY id DESC LIMIT 2;");

        assertThat(status.state()).isEqualTo(QueryState.SUCCEEDED);
        assertThat(status.columns())
                .containsExactly(
                        new TableDetail.Column("id", "BIGINT"),
                        new TableDetail.Column("name", "VARCHAR"),
                        new TableDetail.Column("name", "BIGINT"));
        assertThat(status.rows()).containsExactly(List.of(2L, "n2", 2L), List.of(1L, "n1", 1L));
        assertThat(status.snapshots()).isEqualTo(Map.of("raw.t", "1"));
        assertThat(status.scannedBytes()).isEqualTo(100);
        assertThat(status.truncated()).isFalse();
        assertThat(tables.openSessions).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "VALUES (1), (2);",
                "FROM raw.t",
                "TABLE raw.t",
                "WITH x AS (SELECT 1) SELECT * FROM x -- comment",
                "SELECT 1 UNION ALL SELECT 2 ORDER BY 1 /* ; */ ; ;",
                "SELECT ';' AS \";\", $$;$$"
            })
    void runsEveryFormOfSelect(String sql) throws Exception {
        assertThat(run(sql).failure()).isNull();
    }

    @Test
    void saysWhenThereAreMoreRowsThanAskedFor() throws Exception {
        QueryStatus all = run("SELECT * FROM range(5) ORDER BY 1 DESC", Map.of(), 5);
        QueryStatus some = run("SELECT * FROM range(5) ORDER BY 1 DESC", Map.of(), 4);
        QueryStatus capped = run("SELECT * FROM range(1000)", Map.of(), 1000);

        assertThat(all.truncated()).isFalse();
        assertThat(some.truncated()).isTrue();
        assertThat(some.rows()).containsExactly(List.of(4L), List.of(3L), List.of(2L), List.of(1L));
        assertThat(capped.truncated()).isTrue();
        assertThat(capped.rows()).hasSize(100);
    }

    @Test
    void cutsAResultThatTakesTooMuchMemory() throws Exception {
        QueryStatus status = run("SELECT repeat('x', 1000) FROM range(50)");

        assertThat(status.truncated()).isTrue();
        assertThat(status.rows()).hasSize(4);
    }

    @Test
    void bindsParametersAsValues() throws Exception {
        String sql = "SELECT name FROM raw.t WHERE name = :name OR id = :id";
        assertThat(run(sql, Map.of("name", "n1", "id", 2), 10).rows()).hasSize(2);
        assertThat(run(sql, Map.of("name", "' OR 1=1 --", "id", -1), 10).rows()).isEmpty();
        assertThat(run(sql, Map.of("name", "'; DROP VIEW raw.t; --", "id", "2"), 10)
                        .rows())
                .containsExactly(List.of("n2"));
        assertThat(run(sql, Map.of("name", "x", "id", "1 OR 1=1"), 10).state()).isEqualTo(QueryState.FAILED);
    }

    @Test
    void bindsEveryKindOfValue() throws Exception {
        for (Object value : List.of(
                "text",
                5,
                5_000_000_000L,
                new BigInteger("123456789012345678901234567890"),
                new BigDecimal("12.50"),
                true)) {
            assertThat(run("SELECT :v AS v", Map.of("v", value), 1).rows().getFirst())
                    .isEqualTo(List.of(value));
        }
        assertThat(run("SELECT :v", Map.of("v", new BigDecimal("1E+3")), 1).rows())
                .containsExactly(List.of(new BigDecimal("1000")));
        Map<String, @Nullable Object> none = new java.util.HashMap<>();
        none.put("v", null);
        assertThat(run("SELECT :v IS NULL", none, 1).rows()).containsExactly(List.of(true));
        assertThatThrownBy(() -> new QueryRequest("SELECT :v", Map.of("v", List.of(1)), 1))
                .isInstanceOfSatisfying(
                        QueryException.class, e -> assertThat(e.error()).isEqualTo(SqlError.PARAMETER_TYPE));
    }

    @Test
    void givesValuesAsJsonCarriesThem() throws Exception {
        assertThat(value("9223372036854775807")).isEqualTo(Long.MAX_VALUE);
        assertThat(value("'-170141183460469231731687303715884105728'::HUGEINT"))
                .isEqualTo(new BigInteger("-170141183460469231731687303715884105728"));
        assertThat(value("18446744073709551615::UBIGINT")).isEqualTo(new BigInteger("18446744073709551615"));
        assertThat(value("12345678901234567890123::BIGNUM")).isEqualTo(new BigInteger("12345678901234567890123"));
        assertThat(value("1200.00::DECIMAL(18,2)")).isEqualTo(new BigDecimal("1200.00"));
        assertThat(value("0.0000000000::DECIMAL(38,10)")).isEqualTo(new BigDecimal("0.0000000000"));
        assertThat(value("0.1::FLOAT")).isEqualTo(0.1f);
        assertThat(value("'NaN'::DOUBLE")).isEqualTo("NaN");
        assertThat(value("'-Infinity'::FLOAT")).isEqualTo("-Infinity");
        assertThat(value("TIMESTAMP '2024-01-02 03:04:00'")).isEqualTo("2024-01-02T03:04:00");
        assertThat(value("TIMESTAMP '2024-01-02 03:04:05.123456'")).isEqualTo("2024-01-02T03:04:05.123456");
        assertThat(value("TIMESTAMP_NS '2024-01-02 03:04:05.123456789'")).isEqualTo("2024-01-02T03:04:05.123456789");
        assertThat(value("TIMESTAMPTZ '2024-01-02 03:04:05+02'")).isEqualTo("2024-01-02T01:04:05Z");
        assertThat(value("TIMESTAMP 'infinity'")).isEqualTo("infinity");
        assertThat(value("TIMESTAMPTZ '-infinity'")).isEqualTo("-infinity");
        assertThat(value("DATE '2024-01-02'")).isEqualTo("2024-01-02");
        assertThat(value("DATE 'infinity'")).isEqualTo("infinity");
        assertThat(value("TIME '03:04:00'")).isEqualTo("03:04:00");
        assertThat(value("TIME '24:00:00'")).isEqualTo("24:00:00");
        assertThat(value("'\\xAA\\xBB'::BLOB")).isEqualTo("qrs=");
        assertThat(value("'0f0e0d0c-0b0a-0908-0706-050403020100'::UUID"))
                .isEqualTo("0f0e0d0c-0b0a-0908-0706-050403020100");
        assertThat(value("true")).isEqualTo(true);
        assertThat(value("NULL")).isNull();
        assertThat(value("[1, NULL, 3]")).isEqualTo(Arrays.asList(1, null, 3));
        assertThat(value("[[1.50::DECIMAL(9,2)], []]")).isEqualTo(List.of(List.of(new BigDecimal("1.50")), List.of()));
        assertThat(value("{'a': 1, 'b': [TIMESTAMP '2024-01-02 03:04:05'], 'c': '\\xAA'::BLOB}"))
                .isEqualTo(Map.of("a", 1, "b", List.of("2024-01-02T03:04:05"), "c", "qg=="));
        assertThat(value("MAP {DATE '2024-01-02': 1}")).isEqualTo(Map.of("2024-01-02", 1));
        assertThat(value("'{\"a\": 1}'::JSON")).isEqualTo("{\"a\": 1}");
        assertThat(value("'x'::ENUM('x', 'y')")).isEqualTo("x");
        assertThat(value("INTERVAL 1 MONTH")).isEqualTo("1 month");
        assertThat(value("'101'::BIT")).isEqualTo("101");
    }

    @Test
    void givesTimestampsThatTheJvmsTimeZoneSkips() throws Exception {
        TimeZone before = TimeZone.getDefault();
        TimeZone.setDefault(TimeZone.getTimeZone("America/New_York"));
        try {
            assertThat(value("TIMESTAMP '2024-03-10 02:30:00'")).isEqualTo("2024-03-10T02:30:00");
            assertThat(value("TIMESTAMPTZ '2024-03-10 02:30:00+00'")).isEqualTo("2024-03-10T02:30:00Z");
        } finally {
            TimeZone.setDefault(before);
        }
    }

    @Test
    void failsWithACodeWhereTheEngineFails() throws Exception {
        QueryStatus column = run("SELECT nothing FROM raw.t");
        QueryStatus cast = run("SELECT name::INT FROM raw.t");
        QueryStatus table = run("SELECT * FROM raw.missing");

        assertThat(column.state()).isEqualTo(QueryState.FAILED);
        assertThat(column.failure()).hasMessageContaining("nothing");
        assertThat(cast.failure()).isNotNull();
        assertThat(table.failure()).hasMessageContaining("raw.missing");
        assertThat(ended).hasSize(3);
        assertThat(tables.openSessions).hasValue(0);
    }

    @Test
    void cancelsWhatRunsAndWhatWaitsAndRefusesWhatIsTooMuch() throws Exception {
        QueryRun running = executor.submit(new QueryRequest(ENDLESS, Map.of(), 1));
        QueryRun waiting = executor.submit(new QueryRequest("SELECT 1", Map.of(), 1));
        QueryRun second = executor.submit(new QueryRequest("SELECT 2", Map.of(), 1));
        assertThatThrownBy(() -> executor.submit(new QueryRequest("SELECT 3", Map.of(), 1)))
                .isInstanceOfSatisfying(
                        QueryException.class, e -> assertThat(e.error()).isEqualTo(SqlError.QUEUE_FULL));
        assertThat(running.await(Duration.ofMillis(100)).state()).isEqualTo(QueryState.RUNNING);

        assertThat(executor.cancel(waiting.id()).orElseThrow().state()).isEqualTo(QueryState.CANCELLED);
        assertThat(executor.cancel(running.id()).orElseThrow().state()).isEqualTo(QueryState.CANCELLED);

        assertThat(second.await(WAIT).state()).isEqualTo(QueryState.SUCCEEDED);
        assertThat(executor.cancel(second.id()).orElseThrow().state()).isEqualTo(QueryState.SUCCEEDED);
        assertThat(executor.cancel("unknown")).isEmpty();
        assertThat(tables.openSessions).hasValue(0);
    }

    @Test
    void forgetsTheOldestResultsByCountAndByBytes() throws Exception {
        QueryStatus first = run("SELECT 1");
        run("SELECT 2");
        run("SELECT 3");
        assertThat(executor.find(first.id())).isPresent();
        QueryStatus fourth = run("SELECT 4");
        assertThat(executor.find(first.id())).isEmpty();
        run("SELECT repeat('x', 4900)");
        run("SELECT repeat('x', 4900)");
        assertThat(executor.find(fourth.id())).isPresent();
        run("SELECT repeat('x', 4900)");
        assertThat(executor.find(fourth.id())).isEmpty();
    }

    @Test
    void endsRunningQueriesWhenItCloses() throws Exception {
        QueryRun running = executor.submit(new QueryRequest(ENDLESS, Map.of(), 1));
        executor.close();
        assertThat(running.status().state()).isEqualTo(QueryState.CANCELLED);
    }
}
