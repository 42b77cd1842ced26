package io.levada.ingest.binlog;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TruncateStatementTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "TRUNCATE orders",
                "truncate table orders",
                "TRUNCATE TABLE `orders`;",
                "TRUNCATE vendas.orders",
                "TRUNCATE TABLE `vendas` . `orders` NOWAIT",
                "/* nightly */ TRUNCATE /* all */ TABLE orders -- of them",
                "SET STATEMENT max_statement_time=1 FOR TRUNCATE TABLE orders"
            })
    void findsTheTable(String sql) {
        assertThat(TruncateStatement.table(sql, "vendas")).contains("vendas.orders");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TABLE truncate_log (id int)",
                "ALTER TABLE orders TRUNCATE PARTITION p1",
                "DROP TABLE orders /* not truncate */",
                "GRANT SELECT ON orders TO 'truncate'@'%'"
            })
    void takesNothingElseForOne(String sql) {
        assertThat(TruncateStatement.table(sql, "vendas")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE orders TRUNCATE PARTITION p1",
                "alter table `orders` add column x int default 5",
                "ALTER TABLE vendas.orders MODIFY n bigint",
                "RENAME TABLE orders TO old, new TO orders",
                "DROP TABLE IF EXISTS `orders`",
                "CREATE OR REPLACE TABLE orders (id int)"
            })
    void seesWhatMayChangeRowsWithoutNamingThem(String sql) {
        assertThat(RewritingStatement.mayChange(sql, "orders")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE orders ADD COLUMN note varchar(20)",
                "ALTER TABLE orders DROP COLUMN n",
                "CREATE INDEX i ON orders (n)",
                "ALTER TABLE orders_old TRUNCATE PARTITION p1",
                "ANALYZE TABLE orders"
            })
    void leavesTablesAloneWhoseRowsStay(String sql) {
        assertThat(RewritingStatement.mayChange(sql, "orders")).isFalse();
    }

    @Test
    void undoesDoubledQuotes() {
        assertThat(TruncateStatement.table("TRUNCATE `a``b`", "d")).contains("d.a`b");
    }
}
