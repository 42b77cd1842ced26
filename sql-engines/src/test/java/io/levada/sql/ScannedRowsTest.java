package io.levada.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Which rows of `raw.t` statements can use.
class ScannedRowsTest {
    private static final Schema SCHEMA = new Schema(
            Types.NestedField.optional(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "name", Types.StringType.get()),
            Types.NestedField.optional(3, "day", Types.DateType.get()),
            Types.NestedField.optional(4, "paid", Types.TimestampType.withoutZone()),
            Types.NestedField.optional(5, "price", Types.DecimalType.of(9, 2)),
            Types.NestedField.optional(6, "Twice", Types.LongType.get()),
            Types.NestedField.optional(7, "twice", Types.LongType.get()),
            Types.NestedField.optional(
                    8, "s", Types.StructType.of(Types.NestedField.optional(9, "id", Types.LongType.get()))));

    private static SelectGate gate;

    @BeforeAll
    static void open() throws SQLException {
        gate = SelectGate.open();
    }

    @AfterAll
    static void close() throws SQLException {
        gate.close();
    }

    private static String rows(String sql, Map<String, ?> parameters) {
        return gate.require(sql).reads(parameters).rowsOf("raw.t").in(SCHEMA).toString();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    id = 5                                     | ref(name="id") == 5
                    5 < ID                                     | ref(name="id") > 5
                    5 >= t.id                                  | ref(name="id") <= 5
                    id IN (1, 2)                               | ref(name="id") in (1, 2)
                    id BETWEEN 1 AND 9                         | (ref(name="id") >= 1 and ref(name="id") <= 9)
                    name = 'a' AND id > 3                      | (ref(name="name") == "a" and ref(name="id") > 3)
                    name = 'a' AND price > 3                   | ref(name="name") == "a"
                    name = 'a' OR id > 3                       | (ref(name="name") == "a" or ref(name="id") > 3)
                    day = '2026-01-02'                         | ref(name="day") == "2026-01-02"
                    day >= DATE '2026-01-02'                   | ref(name="day") >= "2026-01-02"
                    paid < '1970-01-01 00:00:01.5'               | ref(name="paid") < 1500000
                    paid < TIMESTAMP '1970-01-02'                | ref(name="paid") < 86400000000
                    """)
    void aComparisonThatBothUnderstand(String where, String rows) {
        assertThat(rows("SELECT count(*) FROM raw.t WHERE " + where, Map.of())).isEqualTo(rows);
    }

    /// DuckDB converts, computes or compares otherwise, or a row counts although the comparison is false.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "NOT id = 5",
                "id <> 5",
                "id NOT IN (1, 2)",
                "id NOT BETWEEN 1 AND 2",
                "id = 5 OR price > 3",
                "id + 1 = 5",
                "id = 5.5",
                "id = '5'",
                "id = 99999999999999999999",
                "id = id",
                "name = 5",
                "name = DATE '2026-01-01'",
                "lower(name) = 'a'",
                "name COLLATE NOCASE = 'a'",
                "name LIKE 'a%'",
                "day = '2026-1-1'",
                "day = '2026-02-30'",
                "day < TIMESTAMP '2026-01-02 10:00:00'",
                "day < '2026-01-02 10:00:00'",
                "paid = '2026-01-02 10:00:00+02'",
                "paid = TIMESTAMPTZ '2026-01-02 10:00:00'",
                "day = current_date",
                "price = 3",
                "twice = 3",
                "nothing = 3",
                "u.id = 3",
                "s.id = 3",
                "id IN (SELECT 1)",
                "id = (SELECT 1)",
                "name IS NULL"
            })
    void everyRowCountsWhereTheyMightNotAgree(String where) {
        assertThat(rows("SELECT count(*) FROM raw.t WHERE " + where, Map.of()))
                .isEqualTo(Expressions.alwaysTrue().toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM raw.t JOIN raw.u ON true WHERE t.id = 5",
                "SELECT * FROM raw.t a, raw.u b WHERE a.id = 5 AND b.id = 7",
                "SELECT * FROM (SELECT * FROM raw.t WHERE id = 5) x LEFT JOIN raw.u ON true",
                "WITH c AS (SELECT * FROM raw.t WHERE id = 5) SELECT * FROM c, c d",
                "SELECT * FROM raw.u WHERE EXISTS (SELECT 1 FROM raw.t WHERE t.id = 5 AND t.name = u.name)",
                "SELECT 1 UNION ALL SELECT id FROM raw.t WHERE id = 5 ORDER BY 1 LIMIT 1",
                "SELECT id, row_number() OVER (ORDER BY id) FROM raw.t WHERE id = 5 QUALIFY true"
            })
    void theWhereBesideTheTableCounts(String sql) {
        assertThat(rows(sql, Map.of())).isEqualTo("ref(name=\"id\") == 5");
    }

    @Test
    void aTableThatIsReadTwiceIsNeededForBoth() {
        assertThat(rows("SELECT * FROM raw.t WHERE id = 5 UNION ALL SELECT * FROM raw.t WHERE name = 'a'", Map.of()))
                .isEqualTo("(ref(name=\"id\") == 5 or ref(name=\"name\") == \"a\")");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM raw.t",
                "SELECT * FROM raw.t WHERE id = 5 UNION ALL SELECT * FROM raw.t",
                "SELECT *, (SELECT count(*) FROM raw.t) FROM raw.t WHERE id = 5",
                "SELECT * FROM raw.u LEFT JOIN raw.t ON true WHERE t.id = 5",
                "SELECT * FROM raw.u FULL JOIN raw.t ON true WHERE t.id = 5",
                "SELECT * FROM raw.u ANTI JOIN raw.t ON u.id = t.id WHERE u.id = 5",
                "SELECT * FROM raw.u NATURAL JOIN raw.t WHERE t.id = 5",
                "SELECT * FROM raw.u POSITIONAL JOIN raw.t WHERE t.id = 5",
                "SELECT * FROM raw.u, raw.t WHERE id = 5",
                "SELECT * FROM raw.t AS x(name, id) WHERE id = 5",
                "SELECT * FROM raw.t TABLESAMPLE reservoir(5 ROWS) WHERE id = 5",
                "SELECT * FROM raw.t WHERE id = 5 USING SAMPLE reservoir(5 ROWS)",
                "SELECT * FROM (SELECT * FROM raw.t) t WHERE id = 5",
                "SELECT count(*) FROM raw.t GROUP BY id HAVING id = 5"
            })
    void everyRowCountsWhereTheWhereIsNotBesideTheTable(String sql) {
        assertThat(rows(sql, Map.of())).isEqualTo(Expressions.alwaysTrue().toString());
    }

    @Test
    void parametersCountWithTheirValues() {
        String sql = "SELECT * FROM raw.t WHERE name = :name AND id >= :from AND price = :price";

        assertThat(rows(sql, Map.of("name", "a", "from", 7, "price", 1.5)))
                .isEqualTo("(ref(name=\"name\") == \"a\" and ref(name=\"id\") >= 7)");
        assertThat(rows(sql, Map.of("name", 1, "from", true, "price", 1.5)))
                .isEqualTo(Expressions.alwaysTrue().toString());
    }
}
