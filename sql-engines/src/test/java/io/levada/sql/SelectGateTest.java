package io.levada.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SelectGateTest {
    private SelectGate gate;

    @BeforeAll
    void open() throws SQLException {
        gate = SelectGate.open();
    }

    @AfterAll
    void close() throws SQLException {
        gate.close();
    }

    private Set<String> tables(String sql) {
        SelectVerdict verdict = gate.inspect(sql);
        assertThat(verdict).as(sql).isInstanceOf(SelectVerdict.Accepted.class);
        return ((SelectVerdict.Accepted) verdict).tables();
    }

    @Test
    void namesTheTablesOfJoinsSubqueriesSetOperationsAndClauses() {
        assertThat(tables("""
                                SELECT a, (SELECT max(b) FROM raw.scalar) FROM raw.left_side l
                                JOIN stage."odd name" r ON l.id = r.id AND EXISTS (SELECT 1 FROM curated.exists_)
                                , LATERAL (SELECT 1 FROM curated.lateral_ x WHERE x.id = l.id)
                                WHERE a IN (FROM raw.in_list)
                                GROUP BY ALL HAVING count(*) > (SELECT 1 FROM raw.having_)
                                UNION ALL SELECT 1, 2 FROM raw.second
                                ORDER BY 1 LIMIT (SELECT 1 FROM raw.limit_)
                                """))
                .containsExactlyInAnyOrder(
                        "raw.scalar",
                        "raw.left_side",
                        "stage.odd name",
                        "curated.exists_",
                        "curated.lateral_",
                        "raw.in_list",
                        "raw.having_",
                        "raw.second",
                        "raw.limit_");
    }

    @ParameterizedTest
    @ValueSource(strings = {"DESCRIBE raw.t", "SHOW TABLES", "SUMMARIZE raw.t"})
    void namesInPlaceOfDescribeASelectThatItTakes(String sql) {
        String select = "SELECT " + SyntaxWalk.COLUMN_TYPES + " FROM namespace.name LIMIT 1";

        assertThat(gate.inspect(sql)).asString().contains(select);
        assertThat(tables(select)).containsExactly("namespace.name");
    }

    @Test
    void leavesCommonTableExpressionsOut() {
        assertThat(tables("""
                                WITH first AS (SELECT * FROM raw.a), Second AS (SELECT * FROM FIRST JOIN raw.b USING (id))
                                SELECT * FROM second, (WITH inner_one AS (FROM first) SELECT * FROM inner_one)
                                """)).containsExactlyInAnyOrder("raw.a", "raw.b");
        assertThat(
                        tables(
                                "WITH RECURSIVE r AS (SELECT 1 n UNION ALL SELECT n + 1 FROM r, raw.t WHERE n < 3) SELECT * FROM r"))
                .containsExactly("raw.t");
        assertThat(
                        tables(
                                "WITH RECURSIVE r USING KEY (a) AS (SELECT 1 a UNION SELECT a FROM recurring.r) SELECT * FROM r"))
                .isEmpty();
    }

    @Test
    void takesANameForAQualifiedTableEvenWhereACommonTableExpressionHasIt() {
        assertThat(tables("WITH t AS (SELECT 1) SELECT * FROM raw.t, t")).containsExactly("raw.t");
    }

    @Test
    void givesTheStatementWithItsParametersByPosition() {
        SelectVerdict verdict = gate.inspect("SELECT * FROM raw.t WHERE a = :name AND b > :from AND c = :name");
        assertThat(verdict)
                .asInstanceOf(InstanceOfAssertFactories.type(SelectVerdict.Accepted.class))
                .extracting(SelectVerdict.Accepted::statement)
                .isEqualTo(new NamedParameters(
                        "SELECT * FROM raw.t WHERE a = $1 AND b > $2 AND c = $1", List.of("name", "from")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT extract(year FROM d), DATE '2020-01-01', ts AT TIME ZONE 'UTC', current_timestamp, current_date FROM raw.t",
                "SELECT l[1], l[1:2], s.a.b, a SIMILAR TO 'x', a LIKE 'b%', a ILIKE 'c', NOT x, -x, x BETWEEN 1 AND 2 FROM raw.t",
                "SELECT CASE WHEN a THEN b END, coalesce(a, b), nullif(a, b), INTERVAL 1 DAY, substring(a FROM 1 FOR 2) FROM raw.t",
                "SELECT x::DECIMAL(18,2), try_cast(x AS INT), [1, 2], {'a': 1}, MAP {'a': 1}, ARRAY(SELECT 1) FROM raw.t",
                "SELECT list_transform(l, lambda x : x + 1), [y * 2 FOR y IN l IF y > 1], list_sum(l), a || b FROM raw.t",
                "SELECT j -> '$.a', j ->> 'a', row(1, 2), if(a, b, c), greatest(a, b), count(DISTINCT a) FROM raw.t",
                "SELECT sum(a) FILTER (WHERE b), string_agg(a, ',' ORDER BY b), quantile_cont(a, 0.5) FROM raw.t",
                "SELECT row_number() OVER (PARTITION BY a ORDER BY b DESC NULLS LAST), lag(a, 1) OVER w FROM raw.t WINDOW w AS (ORDER BY a)",
                "SELECT DISTINCT ON (a) b FROM raw.t QUALIFY rank() OVER (ORDER BY a) = 1 ORDER BY a ASC, b DESC LIMIT 10 OFFSET 3",
                "SELECT a, sum(b) FROM raw.t GROUP BY ROLLUP (a) HAVING grouping(a) = 0 LIMIT 10%",
                "SELECT * EXCLUDE (a) REPLACE (b AS c), columns('x.*') FROM raw.t USING SAMPLE 5 ROWS",
                "SELECT * FROM (PIVOT raw.t ON a IN (1, 2) USING sum(b))",
                "SELECT * FROM (UNPIVOT raw.t ON a, b)",
                "SELECT * FROM raw.a ASOF JOIN raw.b ON a.t >= b.t",
                "SELECT * FROM range(10), generate_series(1, 3), unnest([1, 2]) u(x)",
                "VALUES (1, 'a'), (2, 'b')",
                "FROM raw.t;",
                "TABLE raw.t",
                "/* a /* nested */ comment */ SELECT 1 -- and ; another",
                "SELECT ';', \"a;b\" FROM raw.t",
                "SELECT strftime(d, '%Y-%m'), date_trunc('month', d), round(a, 2), regexp_replace(a, 'x', 'y') FROM raw.t"
            })
    void letsReadingSelectsThrough(String sql) {
        assertThat(gate.inspect(sql)).isInstanceOf(SelectVerdict.Accepted.class);
    }

    static List<String> attacks() {
        return Attacks.STATEMENTS;
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void refusesEverythingElse(String sql) {
        assertThat(gate.inspect(sql)).isInstanceOf(SelectVerdict.Refused.class);
    }

    @Test
    void saysWhyItRefuses() {
        assertThat(gate.inspect("SELECT 1; SELECT 2"))
                .isEqualTo(new SelectVerdict.Refused(
                        SqlError.REFUSED, "Exactly one SELECT is run at a time, not 2 statements"));
        assertThat(gate.inspect("SELECT * FROM read_csv('/etc/passwd')"))
                .isEqualTo(new SelectVerdict.Refused(
                        SqlError.REFUSED, "The table function read_csv may not be called here"));
        assertThat(gate.inspect("FROM '/etc/passwd'"))
                .isEqualTo(new SelectVerdict.Refused(
                        SqlError.REFUSED, "The table /etc/passwd is not named namespace.name"));
        assertThat(gate.inspect("SELEC 1"))
                .isEqualTo(
                        new SelectVerdict.Refused(SqlError.SYNTAX, "syntax error at or near \"SELEC\" (position 0)"));
    }

    @Test
    void refusesStatementsThatAreNestedWithoutEnd() {
        assertThat(gate.inspect("SELECT " + "(".repeat(100_000) + "1" + ")".repeat(100_000)))
                .isInstanceOf(SelectVerdict.Refused.class);
        assertThat(gate.inspect("SELECT " + "1 + ".repeat(20_000) + "1")).isInstanceOf(SelectVerdict.Refused.class);
        assertThat(gate.inspect("SELECT '" + "x".repeat(1_000_001) + "'")).isInstanceOf(SelectVerdict.Refused.class);
    }

    @Test
    void knowsEveryFunctionOfThisDuckDb() throws SQLException {
        FunctionList list = FunctionList.load();
        List<String> unknown = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("""
                        SELECT DISTINCT CASE function_type WHEN 'table' THEN 'table' WHEN 'table_macro' THEN 'table'
                        WHEN 'pragma' THEN 'pragma' ELSE 'scalar' END, function_name FROM duckdb_functions()""")) {
            while (rows.next()) {
                String kind = rows.getString(1);
                String name = rows.getString(2).toLowerCase(Locale.ROOT);
                boolean allowed = kind.equals("table")
                        ? list.table().contains(name)
                        : kind.equals("scalar") && list.scalar().contains(name);
                if (allowed == list.refused().contains(kind + " " + name)) {
                    unknown.add(kind + " " + name);
                }
            }
        }
        assertThat(unknown)
                .as("functions that are neither allowed nor refused, or both")
                .isEmpty();
    }
}
