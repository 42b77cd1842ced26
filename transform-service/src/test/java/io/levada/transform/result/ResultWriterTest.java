package io.levada.transform.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.events.WrittenFile;
import io.levada.lake.LakeLayout;
import io.levada.lake.TableSpec;
import io.levada.sql.DuckDbSettings;
import io.levada.sql.LakeSession;
import io.levada.sql.ParquetTable;
import io.levada.transform.TestLake;
import io.levada.transform.TransformException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultWriterTest {
    private static final String TYPES = """
            SELECT sum(i)::HUGEINT AS total, 7::UTINYINT AS tiny, 4000000000::UINTEGER AS wide,
              18446744073709551615::UBIGINT AS widest, 'x'::ENUM('x', 'it''s, )') AS choice,
              ['a', NULL, ''] AS list, {'x': 1, 'a b"c': [{'z': 1.5::DECIMAL(3,1)}]} AS struct,
              MAP {'k': [1, 2]} AS map, [1, 2, 3]::INTEGER[3] AS fixed, [[1], [], NULL] AS nested,
              TIMESTAMPTZ '2024-01-02 03:04:05.123456+02' AS zoned, TIMESTAMP '1500-01-02 03:04:05.123456' AS local,
              '2024-01-02 03:04:05'::TIMESTAMP_S AS seconds, DATE '0044-03-15' AS day, TIME '23:59:59.999999' AS time,
              '{"a": 1}'::JSON AS json, '\\x00\\xFF'::BLOB AS bytes,
              '00000000-0000-0001-0000-000000000002'::UUID AS id,
              (-99999999999999999999999999999999999.999)::DECIMAL(38,3) AS exact, 0.1::FLOAT AS real,
              'nan'::DOUBLE AS nan, true AS flag, NULL::VARCHAR AS nothing
            FROM range(3) t(i)""";

    @TempDir
    private Path directory;

    private TestLake lake;

    @BeforeEach
    void createLake() {
        lake = TestLake.in(directory);
    }

    @Test
    void icebergReadsEveryTypeAsTheEngineWroteIt() throws Exception {
        Table table = replace("curated.types", TYPES, List.of());

        Record row = rows(table).getFirst();
        assertThat(row.getField("total")).isEqualTo(new BigDecimal("3"));
        assertThat(row.getField("tiny")).isEqualTo(7);
        assertThat(row.getField("wide")).isEqualTo(4_000_000_000L);
        assertThat(row.getField("widest")).isEqualTo(new BigDecimal("18446744073709551615"));
        assertThat(row.getField("choice")).isEqualTo("x");
        assertThat(row.getField("list")).asInstanceOf(LIST).containsExactly("a", null, "");
        Record struct = (Record) row.getField("struct");
        assertThat(struct.getField("x")).isEqualTo(1);
        assertThat(((Record) ((List<?>) struct.getField("a b\"c")).getFirst()).getField("z"))
                .isEqualTo(new BigDecimal("1.5"));
        assertThat(row.getField("map")).isEqualTo(Map.of("k", List.of(1, 2)));
        assertThat(row.getField("fixed")).isEqualTo(List.of(1, 2, 3));
        assertThat(row.getField("nested")).asInstanceOf(LIST).containsExactly(List.of(1), List.of(), null);
        assertThat(row.getField("zoned")).hasToString("2024-01-02T01:04:05.123456Z");
        assertThat(row.getField("local")).hasToString("1500-01-02T03:04:05.123456");
        assertThat(row.getField("seconds")).hasToString("2024-01-02T03:04:05");
        assertThat(row.getField("day")).hasToString("0044-03-15");
        assertThat(row.getField("time")).hasToString("23:59:59.999999");
        assertThat(row.getField("json")).isEqualTo("{\"a\": 1}");
        assertThat(((java.nio.ByteBuffer) row.getField("bytes")).array()).containsExactly(0, -1);
        assertThat(row.getField("id")).isEqualTo(new java.util.UUID(1, 2));
        assertThat(row.getField("exact")).isEqualTo(new BigDecimal("-99999999999999999999999999999999999.999"));
        assertThat(row.getField("real")).isEqualTo(0.1f);
        assertThat(row.getField("nan")).isEqualTo(Double.NaN);
        assertThat(row.getField("flag")).isEqualTo(true);
        assertThat(row.getField("nothing")).isNull();
    }

    @Test
    void aLittleMemoryReadsOneOfManyLongTexts() throws Exception {
        String texts =
                "SELECT i AS id, (SELECT string_agg(md5((i * 1000 + j)::VARCHAR), '') FROM range(250) r(j)) AS text"
                        + " FROM range(12000) t(i)";

        Table table = replace("curated.texts", texts, List.of());

        DuckDbSettings little = new DuckDbSettings(192, 2, directory.resolve("little"), List.of(directory));
        try (LakeSession session = LakeSession.open(little, List.of(parquet("curated.texts", table)));
                Statement statement = session.connection().createStatement();
                ResultSet row = statement.executeQuery("SELECT length(text) FROM curated.texts LIMIT 1")) {
            row.next();
            assertThat(row.getLong(1)).isEqualTo(8_000);
        }
    }

    @Test
    void theEngineReadsBackByFieldIdWhatItWrote() throws Exception {
        Table table = replace("curated.types", TYPES, List.of());

        List<String> types = new ArrayList<>();
        try (LakeSession session = session(List.of(parquet("curated.types", table)));
                Statement statement = session.connection().createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT struct.\"a b\"\"c\"[1].z, list, map, exact, zoned, bytes" + " FROM curated.types")) {
            row.next();
            for (int i = 1; i <= 6; i++) {
                types.add(row.getString(i));
            }
        }
        assertThat(types)
                .containsExactly(
                        "1.5",
                        "[a, NULL, '']",
                        "{k=[1, 2]}",
                        "-99999999999999999999999999999999999.999",
                        "2024-01-02T01:04:05.123456Z",
                        "\\x00\\xFF");
    }

    @Test
    void namesTheColumnOfATypeThatTablesDoNotHave() {
        assertThatThrownBy(() -> replace("curated.x", "SELECT 1 AS fine, INTERVAL 1 DAY AS \"how long\"", List.of()))
                .isInstanceOf(TransformException.class)
                .hasMessageContaining("'how long'")
                .hasMessageContaining("INTERVAL");
        assertThatThrownBy(() -> replace("curated.x", "SELECT NULL AS empty", List.of()))
                .isInstanceOf(TransformException.class)
                .hasMessageContaining("'empty'");
        assertThatThrownBy(() -> replace("curated.x", "SELECT {'a': [TIMETZ '12:00+01']} AS deep", List.of()))
                .isInstanceOf(TransformException.class)
                .hasMessageContaining("'deep'");
    }

    @Test
    void refusesColumnsThatDifferInCaseOnly() {
        assertThatThrownBy(() -> replace("curated.x", "SELECT 1 AS id, 2 AS other, 3 AS \"ID\"", List.of()))
                .isInstanceOf(TransformException.class)
                .hasMessageContaining("'id'");
    }

    @Test
    void writesAtLeastOneFilePerPartitionValueNullIncluded() throws Exception {
        String sql = """
                SELECT i AS n, CASE WHEN i % 3 = 0 THEN NULL ELSE 'v/ =%' || (i % 3) END AS kind,
                  DATE '2024-01-01' + (i % 2)::INT AS day, (i % 2)::DECIMAL(5,2) / 4 AS share FROM range(6000) t(i)""";
        Table table = replace("curated.parts", sql, List.of("kind", "day"));

        assertThat(table.spec().fields()).extracting(field -> field.name()).containsExactly("kind", "day");
        assertThat(rows(table)).hasSize(6000);
        assertThat(rows(table, Expressions.equal("kind", "v/ =%1"))).hasSize(2000);
        assertThat(rows(table, Expressions.isNull("kind"))).hasSize(2000);
        List<FileScanTask> files = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan()
                .filter(Expressions.and(Expressions.isNull("kind"), Expressions.equal("day", "2024-01-02")))
                .planFiles()) {
            tasks.forEach(files::add);
        }
        assertThat(files).hasSize(1);
        assertThat(files.getFirst().file().recordCount()).isEqualTo(1000);
    }

    @Test
    void partitionsByEveryTypeThatItAccepts() throws Exception {
        String sql =
                """
                SELECT i AS n, i % 2 = 0 AS b, (i % 2)::INT AS i, i AS l, 's' || i AS s, (i / 4)::DECIMAL(9,2) AS d,
                  '00000000-0000-0001-0000-00000000000' || i AS u FROM range(4) t(i)""".replace("|| i AS u", "|| i)::UUID AS u").replace("'00000000-0000-0001", "('00000000-0000-0001");
        Table table = replace("curated.parts", sql, List.of("b", "i", "l", "s", "d", "u"));

        assertThat(rows(table)).hasSize(4);
        assertThat(rows(table, Expressions.equal("d", new BigDecimal("0.75")))).hasSize(1);
        assertThat(rows(table, Expressions.equal("u", "00000000-0000-0001-0000-000000000002")))
                .hasSize(1);
    }

    @Test
    void refusesAPartitionByWhatIsNoColumnOrNoSimpleValue() {
        assertThatThrownBy(() -> replace("curated.parts", "SELECT 1 AS a", List.of("b")))
                .isInstanceOf(TransformException.class)
                .hasMessageContaining("'b'");
        assertThatThrownBy(() -> replace("curated.parts", "SELECT [1] AS a", List.of("a")))
                .isInstanceOf(TransformException.class)
                .hasMessageContaining("'a'");
    }

    @Test
    void aResultWithoutRowsHasNoFiles() throws Exception {
        assertThat(rows(replace("curated.x", "SELECT 1 AS a WHERE false", List.of())))
                .isEmpty();
        assertThat(rows(replace("curated.y", "SELECT 1 AS a WHERE false", List.of("a"))))
                .isEmpty();
    }

    @Test
    void columnsBecomeThoseOfTheSelectInItsOrder() throws Exception {
        replace("curated.x", "SELECT 1 AS gone, 2::INT AS wider, 'a' AS other, {'a': 1} AS s", List.of());

        Table table = replace(
                "curated.x",
                "SELECT 3.5::DECIMAL(9,2) AS fresh, 5 AS other, 4::BIGINT AS wider, {'b': 2} AS s",
                List.of());

        assertThat(table.schema().columns())
                .extracting(Types.NestedField::name)
                .containsExactly("fresh", "other", "wider", "s");
        assertThat(rows(table).getFirst().getField("other")).isEqualTo(5);
        assertThat(rows(table).getFirst().getField("wider")).isEqualTo(4L);
        assertThat(((Record) rows(table).getFirst().getField("s")).getField("b"))
                .isEqualTo(2);
    }

    @Test
    void readersSeeNoNewColumnBeforeTheFilesAreThere() throws Exception {
        Table before = replace("curated.x", "SELECT 1 AS a", List.of());

        try (LakeSession session = session(List.of())) {
            Schema schema = ResultSchema.of(session, "SELECT 1 AS a, 2 AS b");
            ResultTable.prepare(lake, spec("curated.x", schema, List.of()));
        }

        before.refresh();
        assertThat(before.schema().columns())
                .extracting(Types.NestedField::name)
                .containsExactly("a");
    }

    @Test
    void partitionsFollowTheDefinition() throws Exception {
        replace("curated.x", "SELECT 1 AS a, 'p' AS old", List.of("old"));

        Table table = replace("curated.x", "SELECT i AS a, i % 2 AS fresh FROM range(4) t(i)", List.of("fresh"));

        assertThat(table.spec().fields()).extracting(field -> field.name()).containsExactly("fresh");
        assertThat(rows(table)).hasSize(4);
        assertThat(rows(table, Expressions.equal("fresh", 1L))).hasSize(2);
        assertThat(rows(replace("curated.x", "SELECT 1 AS a", List.of()))).hasSize(1);
    }

    private Table replace(String name, String sql, List<String> partitionBy) throws Exception {
        try (LakeSession session = session(List.of())) {
            TableSpec spec = spec(name, ResultSchema.of(session, sql), partitionBy);
            ResultTable target = ResultTable.prepare(lake, spec);
            List<WrittenFile> files = ResultWriter.write(session, sql, target, LakeLayout.newRunId(), directory);
            target.align();
            lake.overwrite(name, files);
        }
        return lake.load(name).orElseThrow();
    }

    private TableSpec spec(String name, Schema schema, List<String> partitionBy) {
        return new TableSpec(name, schema, partitionBy, lake.layout().table(name), Map.of());
    }

    private LakeSession session(List<ParquetTable> tables) throws SQLException {
        return LakeSession.open(new DuckDbSettings(256, 2, directory.resolve("temp"), List.of(directory)), tables);
    }

    private static ParquetTable parquet(String name, Table table) throws Exception {
        List<String> files = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            tasks.forEach(task -> files.add(task.file().location()));
        }
        return new ParquetTable(name, table.schema(), files);
    }

    private static List<Record> rows(Table table) throws Exception {
        return rows(table, Expressions.alwaysTrue());
    }

    private static List<Record> rows(Table table, org.apache.iceberg.expressions.Expression filter) throws Exception {
        List<Record> rows = new ArrayList<>();
        try (CloseableIterable<Record> records =
                IcebergGenerics.read(table).where(filter).build()) {
            records.forEach(rows::add);
        }
        return rows;
    }

    private static final org.assertj.core.api.InstanceOfAssertFactory<List, org.assertj.core.api.ListAssert<Object>>
            LIST = org.assertj.core.api.InstanceOfAssertFactories.LIST;
}
