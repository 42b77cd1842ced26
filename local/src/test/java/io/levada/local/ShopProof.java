package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.EmbeddedPostgresServer;
import io.levada.testing.Eventually;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/// Compares lake and warehouse with what [SourceWorkload] and [FolderWorkload] did: the tables `item`, `line`, `event`,
/// `idle` and `empty` of the source `shop`, `rows` of `drops`, `curated.notes`, and the loads of `item` and `line`.
record ShopProof(EmbeddedPostgresServer postgres, PipelineProcess pipeline) {
    private static final Duration CONVERGENCE = Duration.ofSeconds(240);

    /// Waits until nothing is lost, and sees that nothing is there twice.
    ///
    /// @param droppedRows rows of all files
    void everythingIsThereOnce(int droppedRows) throws Exception {
        for (String table : List.of("item", "line")) {
            assertMirror(table);
            assertChanges(table);
        }
        assertChanges("event");
        assertThat(pipeline.query("SELECT count(*) FROM stage.shop_idle").toString())
                .isEqualTo("[[1000]]");
        assertThat(pipeline.query("SELECT count(*) FROM stage.shop_empty").toString())
                .isEqualTo("[[0]]");
        assertFiles(droppedRows);
        Eventually.within(
                CONVERGENCE,
                () -> pipeline.query("SELECT count(*) FROM (SELECT note, count(*) AS items FROM stage.shop_item"
                                + " GROUP BY note EXCEPT SELECT note, items FROM curated.notes)")
                        .toString(),
                "[[0]]"::equals);
    }

    private void assertFiles(int rows) {
        Eventually.within(
                CONVERGENCE,
                () -> pipeline.query("SELECT count(*), count(DISTINCT id) FROM raw.drops_rows")
                        .toString(),
                ("[[" + rows + "," + rows + "]]")::equals);
    }

    /// Every change that the database accounted for is in raw once, and nothing else is.
    private void assertChanges(String table) throws Exception {
        String key = switch (table) {
            case "item" -> "CAST(id AS VARCHAR)";
            case "line" -> "CAST(a AS VARCHAR) || '/' || b";
            default -> "CAST(op_id AS VARCHAR)";
        };
        String expected = source(
                "SELECT count(*), coalesce(sum(('x' || substr(md5(op || ':' || k), 1, 8))::bit(32)::bigint), 0) FROM account"
                        + " WHERE tab = '" + table + "'");
        String actual =
                "SELECT count(*), CAST(coalesce(sum(CAST('0x' || substr(md5(_op || ':' || CASE WHEN _op = 't' THEN ''"
                        + " ELSE " + key + " END), 1, 8) AS BIGINT)), 0) AS BIGINT) FROM raw.shop_" + table
                        + " WHERE _op <> 'r'";
        Eventually.within(CONVERGENCE, () -> pipeline.query(actual).toString(), expected::equals);
        assertThat(pipeline.query("SELECT count(*) - count(DISTINCT _pos) FROM raw.shop_" + table + " WHERE _op <> 'r'")
                        .toString())
                .isEqualTo("[[0]]");
    }

    /// Mirror and warehouse hold the source's rows.
    private void assertMirror(String table) throws Exception {
        String row = table.equals("item")
                ? "id || '|' || op_id || '|' || note || '|' || amount || '|' || coalesce(md5(body), '')"
                : "a || '|' || b || '|' || op_id";
        String expected = source("SELECT count(*), coalesce(sum(('x' || substr(md5(" + row
                + "), 1, 8))::bit(32)::bigint), 0) FROM " + table);
        String actual = "SELECT count(*), CAST(coalesce(sum(CAST('0x' || substr(md5(" + row
                + "), 1, 8) AS BIGINT)), 0) AS BIGINT) FROM ";
        Eventually.within(
                CONVERGENCE,
                () -> pipeline.query(actual + "stage.shop_" + table).toString(),
                expected::equals);
        Eventually.within(
                CONVERGENCE,
                () -> pipeline.query(LevadaService.WAREHOUSE, actual + "shop." + table)
                        .toString(),
                expected::equals);
    }

    private String source(String sql) throws Exception {
        try (Connection connection = postgres.connect("shop");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return "[[" + rows.getLong(1) + "," + rows.getLong(2) + "]]";
        }
    }
}
