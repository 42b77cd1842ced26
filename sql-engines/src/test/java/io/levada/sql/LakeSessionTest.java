package io.levada.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LakeSessionTest {
    @TempDir
    Path directory;

    private Path lake;
    private DuckDbSettings settings;

    @BeforeEach
    void makeFolders() throws Exception {
        lake = Files.createDirectories(directory.resolve("lake"));
        settings = new DuckDbSettings(256, 2, directory.resolve("tmp"), List.of(lake));
    }

    private static List<String> rows(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            ResultSetMetaData meta = result.getMetaData();
            List<String> rows = new ArrayList<>();
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= meta.getColumnCount(); i++) {
                    row.add(String.valueOf(result.getObject(i)));
                }
                rows.add(String.join("|", row));
            }
            return rows;
        }
    }

    private static Types.NestedField field(int id, String name, org.apache.iceberg.types.Type type) {
        return Types.NestedField.optional(id, name, type);
    }

    @Test
    void readsColumnsFromTheFileAndNeverFromFolderNames() throws Exception {
        String file = ParquetFixture.write(
                lake.resolve("ingestion_date=2020-01-01/run_id=7/part-0000.parquet"),
                "SELECT 1 AS id, DATE '2024-02-03' AS ingestion_date",
                "{id: 1, ingestion_date: 2}");
        Schema schema =
                new Schema(field(1, "id", Types.IntegerType.get()), field(2, "ingestion_date", Types.DateType.get()));
        try (LakeSession session =
                LakeSession.open(settings, List.of(new ParquetTable("raw.t", schema, List.of(file))))) {
            assertThat(rows(session.connection(), "SELECT * FROM raw.t")).containsExactly("1|2024-02-03");
        }
    }

    @Test
    void readsDecimalsListsStructsMapsAndTimestampsWithTheTablesTypes() throws Exception {
        String file = ParquetFixture.write(lake.resolve("a.parquet"), """
                SELECT 1.50::DECIMAL(18,2) d, ['a', NULL]::VARCHAR[] l, {'x': 1, 'y': 'z'} s, MAP {'k': 2} m,
                TIMESTAMPTZ '2024-01-01 10:00:00+02' ts, '\\xAA'::BLOB b, uuid '0f0e0d0c-0b0a-0908-0706-050403020100' u,
                TIME '10:11:12' t""", """
                {d: 1, l: {__duckdb_field_id: 2, element: 20}, s: {__duckdb_field_id: 3, x: 30, y: 31},
                m: {__duckdb_field_id: 4, key: 40, value: 41}, ts: 5, b: 6, u: 7, t: 8}""");
        Schema schema = new Schema(
                field(1, "d", Types.DecimalType.of(18, 2)),
                field(2, "l", Types.ListType.ofOptional(20, Types.StringType.get())),
                field(
                        3,
                        "s",
                        Types.StructType.of(
                                field(30, "x", Types.IntegerType.get()), field(31, "y", Types.StringType.get()))),
                field(4, "m", Types.MapType.ofOptional(40, 41, Types.StringType.get(), Types.IntegerType.get())),
                field(5, "ts", Types.TimestampType.withZone()),
                field(6, "b", Types.BinaryType.get()),
                field(7, "u", Types.UUIDType.get()),
                field(8, "t", Types.TimeType.get()));
        try (LakeSession session =
                LakeSession.open(settings, List.of(new ParquetTable("raw.t", schema, List.of(file))))) {
            assertThat(rows(
                            session.connection(),
                            "SELECT d, l, s.y, m['k'], ts::VARCHAR, hex(b), u, t, typeof(d) FROM raw.t"))
                    .containsExactly("1.50|[a, null]|z|2|2024-01-01 08:00:00+00|AA"
                            + "|0f0e0d0c-0b0a-0908-0706-050403020100|10:11:12|DECIMAL(18,2)");
        }
    }

    @Test
    void readsFilesOfOlderSchemasByFieldId() throws Exception {
        String old = ParquetFixture.write(
                lake.resolve("old.parquet"), "SELECT 1::INTEGER AS id, 'gone' AS dropped, 'o' AS former", """
                {id: 1, dropped: 2, former: 3}""");
        String current = ParquetFixture.write(
                lake.resolve("new.parquet"),
                "SELECT 'added' AS dropped, 5000000000::BIGINT AS id, 'n' AS renamed",
                "{dropped: 4, id: 1, renamed: 3}");
        Schema schema = new Schema(
                field(1, "id", Types.LongType.get()),
                field(3, "renamed", Types.StringType.get()),
                field(4, "dropped", Types.StringType.get()));
        try (LakeSession session =
                LakeSession.open(settings, List.of(new ParquetTable("raw.t", schema, List.of(old, current))))) {
            assertThat(rows(session.connection(), "SELECT * FROM raw.t ORDER BY id"))
                    .containsExactly("1|o|null", "5000000000|n|added");
        }
    }

    @Test
    void readsFieldsAddedToAStruct() throws Exception {
        String old = ParquetFixture.write(
                lake.resolve("old.parquet"), "SELECT {'x': 1} AS s", "{s: {__duckdb_field_id: 1, x: 2}}");
        Schema schema = new Schema(field(
                1,
                "s",
                Types.StructType.of(field(2, "x", Types.IntegerType.get()), field(3, "y", Types.StringType.get()))));
        try (LakeSession session =
                LakeSession.open(settings, List.of(new ParquetTable("raw.t", schema, List.of(old))))) {
            assertThat(rows(session.connection(), "SELECT s.x, s.y FROM raw.t")).containsExactly("1|null");
        }
    }

    @Test
    void hasTheColumnsOfATableWithoutFiles() throws Exception {
        Schema schema = new Schema(
                field(1, "id", Types.LongType.get()),
                field(2, "l", Types.ListType.ofOptional(3, Types.DecimalType.of(9, 2))));
        try (LakeSession session = LakeSession.open(settings, List.of(new ParquetTable("raw.t", schema, List.of())))) {
            assertThat(rows(session.connection(), "SELECT count(*), any_value(l) FROM raw.t"))
                    .containsExactly("0|null");
            assertThat(rows(session.connection(), "SELECT typeof(id), typeof(l) FROM raw.t"))
                    .isEmpty();
        }
    }

    @Test
    void quotesNamesOfTablesColumnsAndFiles() throws Exception {
        String file = ParquetFixture.write(
                lake.resolve("it's \"odd\".parquet"), "SELECT 7 AS \"co\"\"l 'x'\"", "{\"co\"\"l 'x'\": 1}");
        Schema schema = new Schema(field(1, "co\"l 'x'", Types.IntegerType.get()));
        try (LakeSession session =
                LakeSession.open(settings, List.of(new ParquetTable("raw.ta\"b'le", schema, List.of(file))))) {
            assertThat(rows(session.connection(), "SELECT \"co\"\"l 'x'\" FROM raw.\"ta\"\"b'le\""))
                    .containsExactly("7");
        }
    }

    @Test
    void spillsToItsFolderWhenMemoryIsShort() throws Exception {
        try (LakeSession session =
                LakeSession.open(new DuckDbSettings(64, 1, directory.resolve("tmp"), List.of(lake)), List.of())) {
            assertThat(rows(
                            session.connection(),
                            "SELECT count(DISTINCT i::VARCHAR || repeat('x', 40)) FROM range(1400000) r(i)"))
                    .containsExactly("1400000");
            assertThat(directory.resolve("tmp")).isDirectoryContaining(Files::isDirectory);
        }
        assertThat(directory.resolve("tmp")).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM read_text('/etc/passwd')",
                "SELECT * FROM '/etc/passwd'",
                "COPY (SELECT 1) TO '/tmp/levada-escape.csv'",
                "ATTACH '/tmp/levada-escape.duckdb'",
                "INSTALL httpfs",
                "LOAD httpfs",
                "LOAD '/tmp/x.duckdb_extension'",
                "SET enable_external_access = true",
                "SET allowed_directories = ['/']",
                "SET lock_configuration = false",
                "SET memory_limit = '100GB'",
                "RESET memory_limit",
                "PRAGMA threads = 100",
                "SELECT * FROM read_text('DIRECTORY/lake/../secret.txt')",
                "SELECT * FROM glob('/etc/*')"
            })
    void keepsEvenUncheckedSqlInsideItsFolders(String sql) throws Exception {
        Files.writeString(directory.resolve("secret.txt"), "secret");
        try (LakeSession session = LakeSession.open(settings, List.of());
                Statement statement = session.connection().createStatement()) {
            assertThatThrownBy(() -> statement.execute(sql.replace("DIRECTORY", directory.toString())))
                    .isInstanceOf(SQLException.class);
        }
    }

    @Test
    void sharesNothingBetweenSessions() throws Exception {
        Schema schema = new Schema(field(1, "id", Types.LongType.get()));
        try (LakeSession first = LakeSession.open(settings, List.of(new ParquetTable("raw.t", schema, List.of())));
                LakeSession second = LakeSession.open(settings, List.of())) {
            assertThat(rows(first.connection(), "SELECT * FROM raw.t")).isEmpty();
            assertThatThrownBy(() -> rows(second.connection(), "SELECT * FROM raw.t"))
                    .isInstanceOf(SQLException.class);
        }
    }

    private static InPlaceFiles inPlace(Path root, List<String> files, List<String> names) {
        return new InPlaceFiles(root.toString(), files, Map.of("year", "year", "city", "c.t"), Map.of("name", names));
    }

    private static String write(Path file, String select) throws Exception {
        Files.createDirectories(file.getParent());
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (" + select + ") TO " + LakeSession.literal(file.toString()) + " (FORMAT parquet)");
        }
        return file.toString();
    }

    @Test
    void readsFilesInPlaceByNameWithPartitionsFromTheirPaths() throws Exception {
        Path root = Files.createDirectories(directory.resolve("year=1999/🌊🌊 elsewhere"))
                .toRealPath();
        List<String> files = List.of(
                write(
                        root.resolve("year=2020/c.t=S%C3%A3o+1%2F/a.parquet"),
                        "SELECT 'one' AS NAME, 1::INTEGER AS id, 7 AS year"),
                write(
                        root.resolve("year=2021/c.t=__HIVE_DEFAULT_PARTITION__/b.parquet"),
                        "SELECT 2::BIGINT AS id, 'two' AS older"),
                write(root.resolve("year=2021/c.t=x/p[1]*?.parquet"), "SELECT 3::BIGINT AS id, {'a': 1} AS s"));
        write(root.resolve("year=2021/c.t=x/p1xx.parquet"), "SELECT 99::BIGINT AS id");
        Schema schema = new Schema(
                field(9, "id", Types.LongType.get()),
                field(1, "name", Types.StringType.get()),
                field(
                        3,
                        "s",
                        Types.StructType.of(
                                field(4, "a", Types.IntegerType.get()), field(5, "b", Types.StringType.get()))),
                field(6, "year", Types.IntegerType.get()),
                field(7, "city", Types.StringType.get()));
        ParquetTable table =
                new ParquetTable("raw.t", schema, List.of(), inPlace(root, files, List.of("older", "name")));
        try (LakeSession session = LakeSession.open(settings, List.of(table))) {
            assertThat(rows(session.connection(), "SELECT id, name, s.a, s.b, year, city FROM raw.t ORDER BY id"))
                    .containsExactly(
                            "1|one|null|null|2020|São+1/", "2|two|null|null|2021|null", "3|null|1|null|2021|x");
            assertThat(rows(session.connection(), "SELECT id FROM raw.t WHERE year = 2020"))
                    .containsExactly("1");
        }
    }

    @Test
    void readsFilesInPlaceBesideTheLakesOwn() throws Exception {
        Path root = Files.createDirectories(directory.resolve("elsewhere")).toRealPath();
        String own = ParquetFixture.write(lake.resolve("own.parquet"), "SELECT 1::BIGINT AS other", "{other: 1}");
        Schema schema = new Schema(field(1, "id", Types.LongType.get()));
        ParquetTable table = new ParquetTable(
                "raw.t",
                schema,
                List.of(own),
                inPlace(root, List.of(write(root.resolve("a.parquet"), "SELECT 2 AS id")), List.of("name")));
        try (LakeSession session = LakeSession.open(settings, List.of(table))) {
            assertThat(rows(session.connection(), "SELECT id FROM raw.t ORDER BY id"))
                    .containsExactly("1", "2");
        }
    }

    @Test
    void readsNoFolderThatATableDoesNotLieIn() throws Exception {
        Path root = Files.createDirectories(directory.resolve("elsewhere")).toRealPath();
        Path secret = Files.createDirectories(directory.resolve("secret"))
                .toRealPath()
                .resolve("s.parquet");
        String file = write(root.resolve("a.parquet"), "SELECT 2 AS id");
        write(secret, "SELECT 'secret' AS id");
        Schema schema = new Schema(field(1, "id", Types.LongType.get()));
        ParquetTable table =
                new ParquetTable("raw.t", schema, List.of(), inPlace(root, List.of(file), List.of("name")));
        Path link = Files.createSymbolicLink(directory.resolve("link"), secret.getParent());
        try (LakeSession session = LakeSession.open(settings, List.of(table))) {
            assertThat(rows(session.connection(), "SELECT id FROM raw.t")).containsExactly("2");
            assertThatThrownBy(() -> rows(session.connection(), "SELECT * FROM read_parquet('" + secret + "')"))
                    .isInstanceOf(SQLException.class);
        }
        for (Path strange : List.of(Path.of("/"), link, root.resolve("../secret"))) {
            ParquetTable other = new ParquetTable(
                    "raw.t", schema, List.of(), inPlace(strange, List.of(secret.toString()), List.of("name")));
            assertThatThrownBy(() -> {
                        try (LakeSession session = LakeSession.open(settings, List.of(other))) {
                            rows(session.connection(), "SELECT id FROM raw.t");
                        }
                    })
                    .as("%s", strange)
                    .isInstanceOf(SQLException.class);
        }
    }
}
