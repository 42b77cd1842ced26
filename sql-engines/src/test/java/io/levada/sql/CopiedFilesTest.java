package io.levada.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files of a bucket that somebody else wrote, read from copies whose paths say nothing.
final class CopiedFilesTest {
    private static final String ROOT = "s3://data/events 🌊";
    private static final Schema SCHEMA = new Schema(
            Types.NestedField.optional(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "year", Types.IntegerType.get()),
            Types.NestedField.optional(3, "city", Types.StringType.get()));

    @TempDir
    private Path directory;

    private DuckDbSettings settings;
    private Path copies;

    @BeforeEach
    void makeFolders() throws Exception {
        copies = Files.createDirectories(directory.resolve("copies"));
        settings = new DuckDbSettings(256, 2, directory.resolve("tmp"), List.of(copies));
    }

    private void copy(String name, long id) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (SELECT " + id + " AS id) TO '" + copies.resolve(name) + "' (FORMAT parquet)");
        }
    }

    private ParquetTable table(Map<String, String> copyOf, Map<String, String> partitions) {
        return new ParquetTable(
                        "raw.t",
                        SCHEMA,
                        List.of(),
                        new InPlaceFiles(
                                ROOT,
                                copyOf.keySet().stream()
                                        .map(path -> ROOT + "/" + path)
                                        .toList(),
                                partitions,
                                Map.of()))
                .withFiles(location -> copies.resolve(copyOf.get(location.substring(ROOT.length() + 1)))
                        .toString());
    }

    private static List<String> rows(LakeSession session, String sql) throws SQLException {
        try (Statement statement = session.connection().createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<String> rows = new ArrayList<>();
            while (result.next()) {
                rows.add(result.getString(1));
            }
            return rows;
        }
    }

    @Test
    void takePartitionsFromWhereTheyWereCopiedFrom() throws Exception {
        copy("1", 1);
        copy("2", 2);
        copy("3", 3);
        ParquetTable table = table(
                Map.of(
                        "x/year=2020/city=S%C3%A3o+%2F/a.parquet",
                        "1",
                        "x/year=2021/city=*[b]?/a.parquet",
                        "2",
                        "x/year=2021/city=__HIVE_DEFAULT_PARTITION__/a.parquet",
                        "3"),
                Map.of("year", "year", "city", "city"));

        try (LakeSession session = LakeSession.open(settings, List.of(table))) {
            assertThat(rows(session, "SELECT concat_ws('|', id, year, coalesce(city, 'none')) FROM raw.t ORDER BY id"))
                    .containsExactly("1|2020|São+/", "2|2021|*[b]?", "3|2021|none");
            assertThat(rows(session, "SELECT id FROM raw.t WHERE year = 2020 AND city IS NOT NULL"))
                    .containsExactly("1");
        }
        try (Stream<Path> left = Files.list(settings.temporaryDirectory())) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void ofOtherPartitionsAreNotOpened() throws Exception {
        copy("1", 1);
        Files.writeString(copies.resolve("2"), "no Parquet");
        ParquetTable table =
                table(Map.of("year=2020/a.parquet", "1", "year=2021/a.parquet", "2"), Map.of("year", "year"));

        try (LakeSession session = LakeSession.open(settings, List.of(table))) {
            assertThat(rows(session, "SELECT id FROM raw.t WHERE year = 2020")).containsExactly("1");
            assertThatThrownBy(() -> rows(session, "SELECT id FROM raw.t")).isInstanceOf(SQLException.class);
        }
    }

    @Test
    void withoutPartitionsAreReadAsTheyAre() throws Exception {
        copy("1", 1);
        ParquetTable table = table(Map.of("a.parquet", "1"), Map.of());

        try (LakeSession session = LakeSession.open(settings, List.of(table))) {
            assertThat(rows(session, "SELECT id FROM raw.t")).containsExactly("1");
        }
    }

    @Test
    void leaveNoLinksWhereTheSessionDoesNotOpen() throws Exception {
        copy("1", 1);
        ParquetTable table = table(Map.of("year=2020/a.parquet", "1"), Map.of("year", "year"));
        ParquetTable same = table.named("raw.t");

        assertThatThrownBy(() -> LakeSession.open(settings, List.of(table, same)))
                .isInstanceOf(SQLException.class);

        try (Stream<Path> left = Files.list(settings.temporaryDirectory())) {
            assertThat(left).isEmpty();
        }
    }
}
