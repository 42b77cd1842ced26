package io.levada.catalog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/// Looks for a text in files: in the values of Parquet files, in manifests as they are without compression, and in the
/// bytes of all others.
public final class FilesWithText {
    private FilesWithText() {}

    /// The files below a folder that hold the text, by their path in it; none where there is no folder.
    public static List<String> below(Path folder, String text) throws IOException, SQLException {
        List<String> found = new ArrayList<>();
        if (!Files.exists(folder)) {
            return found;
        }
        try (Stream<Path> files = Files.walk(folder);
                Connection duckdb = DriverManager.getConnection("jdbc:duckdb:")) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (has(duckdb, file, text)) {
                    found.add(folder.relativize(file).toString());
                }
            }
        }
        return found;
    }

    private static boolean has(Connection duckdb, Path file, String text) throws IOException, SQLException {
        String name = file.getFileName().toString();
        if (name.endsWith(".parquet")) {
            return parquetHas(duckdb, file, text);
        }
        return name.endsWith(".avro") ? avroHas(file, text) : bytesHave(file, text);
    }

    private static boolean parquetHas(Connection duckdb, Path file, String text) throws SQLException {
        try (Statement statement = duckdb.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT count(*) FROM read_parquet('%s', hive_partitioning = false) t WHERE t::VARCHAR LIKE '%%%s%%'"
                                .formatted(file, text))) {
            rows.next();
            return rows.getLong(1) > 0;
        }
    }

    private static boolean avroHas(Path file, String text) throws IOException {
        StringBuilder all = new StringBuilder();
        try (DataFileReader<Object> reader = new DataFileReader<>(file.toFile(), new GenericDatumReader<>())) {
            for (Object entry : reader) {
                collect(entry, all);
            }
        }
        return all.indexOf(text) >= 0;
    }

    /// Whether a file has the bytes of a text.
    public static boolean bytesHave(Path file, String text) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(text);
    }

    private static void collect(@Nullable Object value, StringBuilder all) {
        switch (value) {
            case null -> {}
            case GenericRecord record ->
                record.getSchema().getFields().forEach(field -> collect(record.get(field.pos()), all));
            case Collection<?> list -> list.forEach(item -> collect(item, all));
            case Map<?, ?> map -> map.values().forEach(item -> collect(item, all));
            case ByteBuffer bytes ->
                all.append(StandardCharsets.ISO_8859_1.decode(bytes.duplicate()))
                        .append('\n');
            default -> all.append(value).append('\n');
        }
    }
}
