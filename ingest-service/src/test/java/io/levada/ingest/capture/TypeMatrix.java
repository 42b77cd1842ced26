package io.levada.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.events.FilesWritten;
import io.levada.events.Topics;
import io.levada.events.WrittenFile;
import io.levada.ingest.changes.Change;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.iceberg.types.Types;
import tools.jackson.databind.json.JsonMapper;

/// A table with one column of every type of a database, `c0`, `c1` and so on, and the page of the reference that shows
/// how its values stand in the lake. `-Dlevada.write.reference=true` writes the page anew.
///
/// @param samples one for each column
public record TypeMatrix(List<Sample> samples) {
    private static final String NULL = "NULL";
    private static final String DEFAULT = "DEFAULT";
    private static final String LEFT_OUT = "left out";

    public TypeMatrix {
        samples = List.copyOf(samples);
    }

    /// A type with values.
    ///
    /// @param values SQL expressions; each row of the table has the next one of every type
    public record Sample(String type, List<String> values) {
        public static Sample of(String type, String... values) {
            return new Sample(type, List.of(values));
        }

        private boolean isGenerated() {
            return values.contains(DEFAULT);
        }
    }

    /// How a database is told a value.
    @FunctionalInterface
    public interface Literal {
        String of(Sample sample, String value);
    }

    public int rows() {
        return samples.stream().mapToInt(sample -> sample.values().size()).max().orElseThrow();
    }

    /// The columns, as CREATE TABLE wants them.
    public String columns() {
        return IntStream.range(0, samples.size())
                .mapToObj(i -> "c" + i + " " + samples.get(i).type())
                .collect(Collectors.joining(", "));
    }

    /// @param after the identifier before the first row's
    public String insert(int after, Literal literal) {
        return IntStream.range(0, rows())
                .mapToObj(row -> "(" + (after + row) + ", "
                        + samples.stream()
                                .map(sample -> row < sample.values().size()
                                        ? literal.of(sample, sample.values().get(row))
                                        : sample.isGenerated() ? DEFAULT : NULL)
                                .collect(Collectors.joining(", "))
                        + ")")
                .collect(Collectors.joining(", ", "INSERT INTO t VALUES ", ""));
    }

    /// What the load of `t` wrote and what its changes say, as text.
    ///
    /// @throws AssertionError where they differ
    public List<List<String>> sameInLoadAndLog(CaptureKafka kafka, String source, List<Change> changes, Path lake)
            throws Exception {
        String loaded = kafka.read(Topics.FILES_WRITTEN).stream()
                .map(message -> JsonMapper.shared().readValue(message, FilesWritten.class))
                .filter(event -> event.table().equals("raw." + source + "_t") && event.chunk() != null)
                .flatMap(event -> event.files().stream())
                .map(WrittenFile::path)
                .map(path -> "'" + path + "'")
                .collect(Collectors.joining(", ", "[", "]"));
        String streamed = "['" + LandedChanges.write(changes, lake, "t") + "']";
        Types.StructType struct = struct(changes);
        List<List<String>> columns = text(loaded, struct);

        assertThat(text(streamed, struct)).isEqualTo(columns);
        return columns;
    }

    private static Types.StructType struct(List<Change> changes) {
        return Objects.requireNonNull(changes.getFirst().after()).struct();
    }

    /// The values of each column as text, in the order of the rows.
    private List<List<String>> text(String files, Types.StructType struct) throws Exception {
        List<List<String>> columns = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            for (int i = 0; i < samples.size(); i++) {
                List<String> values = new ArrayList<>();
                if (struct.field("c" + i) != null) {
                    try (ResultSet rows = statement.executeQuery("SELECT CAST(c" + i + " AS VARCHAR) FROM read_parquet("
                            + files + ", hive_partitioning = false) ORDER BY id")) {
                        while (rows.next()) {
                            values.add(rows.getString(1) == null ? NULL : "=" + rows.getString(1));
                        }
                    }
                }
                columns.add(values);
            }
        }
        return columns;
    }

    /// The table of the page: a type, how it stands in the lake, and each value.
    ///
    /// @param columns as [#sameInLoadAndLog] gives them
    public String page(String database, List<Change> changes, List<List<String>> columns) {
        Types.StructType struct = struct(changes);
        StringBuilder page =
                new StringBuilder("| " + database + " | in the lake | value | stands as |\n|---|---|---|---|\n");
        for (int i = 0; i < samples.size(); i++) {
            Sample sample = samples.get(i);
            Types.NestedField field = struct.field("c" + i);
            String type = field == null ? LEFT_OUT : field.type().toString().replaceAll("\\d+: ", "");
            for (int row = 0; row < sample.values().size(); row++) {
                String stored = field == null ? "" : columns.get(i).get(row);
                page.append("| %s | %s | %s | %s |\n"
                        .formatted(
                                row == 0 ? code(sample.type()) : "",
                                row == 0 ? type : "",
                                code(sample.values().get(row)),
                                stored.isEmpty()
                                        ? ""
                                        : stored.equals("=") ? "the empty text" : code(stored.substring(1))));
            }
        }
        return page.toString();
    }

    public static String code(String text) {
        return "`" + text.replace("|", "\\|").replace("\t", "\\t").replace("\n", "\\n") + "`";
    }

    /// @param page file of docs/reference
    public static void assertPage(String page, String generated) throws Exception {
        Path file = Path.of("..", "docs", "reference", page);
        if (Boolean.getBoolean("levada.write.reference")) {
            Files.writeString(file, generated);
        }
        assertThat(Files.readString(file)).isEqualTo(generated);
    }
}
