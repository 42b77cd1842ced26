package io.levada.ingest.files;

import io.levada.events.RawColumns;
import io.levada.events.WrittenFile;
import io.levada.lake.LakeLayout;
import io.levada.lake.LocalFileIO;
import io.levada.lake.WrittenFiles;
import io.levada.sql.DuckDbTypes;
import io.levada.sql.LakeSession;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// The Parquet parts of one file's rows, written by DuckDB with the table's field ids and synced. Every row of a part
/// has the time at which the part was begun.
///
/// Not safe for use by several threads.
final class RowParts {
    private final Table table;
    private final String runId;
    private final String path;
    private final RowPositions positions;
    private final Clock clock;
    private final List<WrittenFile> parts = new ArrayList<>();
    private @Nullable LocalDate firstDate;

    /// @param path of the file that the rows come from, relative to its folder
    RowParts(Table table, String runId, String path, RowPositions positions, Clock clock) {
        this.table = table;
        this.runId = runId;
        this.path = path;
        this.positions = positions;
        this.clock = clock;
    }

    /// Writes a part.
    ///
    /// @param relation has the records' ordinals as `o`
    /// @param values an expression by column of the table; others are NULL
    /// @return the part as it is; whether its rows are those that were meant is for the caller to see
    WrittenFile write(Connection connection, String relation, Map<String, String> values)
            throws SQLException, IOException {
        return write(connection, relation, "'c'", "o", values);
    }

    /// Writes the row that voids the rows of the file's earlier versions; its `_pos` is before those of all records.
    void writeReplacement(Connection connection) throws SQLException, IOException {
        write(connection, "(SELECT 0 AS o)", "'d'", "NULL", Map.of());
    }

    private WrittenFile write(
            Connection connection, String relation, String op, String line, Map<String, String> values)
            throws SQLException, IOException {
        OffsetDateTime beganAt = OffsetDateTime.now(clock.withZone(ZoneOffset.UTC));
        LocalDate date = beganAt.toLocalDate();
        if (firstDate == null) {
            firstDate = date;
        }
        String location = LakeLayout.rawFile(table.location(), date, runId, parts.size());
        Path file = LocalFileIO.path(location);
        Files.createDirectories(folder(file));
        Map<String, String> all = new HashMap<>(values);
        all.put(RawColumns.OP, op);
        all.put(RawColumns.POS, positions.sql("o"));
        all.put(RawColumns.INGESTED_AT, "TIMESTAMPTZ '" + beganAt + "'");
        all.put(RawColumns.FILE, LakeSession.literal(path));
        all.put(RawColumns.LINE, line);
        all.put(RawColumns.INGESTION_DATE, "DATE '" + date + "'");
        copy(connection, relation, all, file);
        sync(file);
        PartitionData partition = new PartitionData(table.spec().partitionType());
        partition.set(0, Math.toIntExact(date.toEpochDay()));
        WrittenFile part = WrittenFiles.ofParquet(location, table, partition);
        parts.add(part);
        return part;
    }

    private void copy(Connection connection, String relation, Map<String, String> values, Path file)
            throws SQLException {
        List<Types.NestedField> fields = table.schema().columns();
        String columns = fields.stream()
                .map(field -> "CAST(" + values.getOrDefault(field.name(), "NULL") + " AS "
                        + DuckDbTypes.of(field.type()) + ") AS " + LakeSession.quoted(field.name()))
                .collect(Collectors.joining(", "));
        String ids = fields.stream()
                .map(field -> LakeSession.quoted(field.name()) + ": " + field.fieldId())
                .collect(Collectors.joining(", ", "{", "}"));
        String sql = "COPY (SELECT " + columns + " FROM " + relation + ") TO " + LakeSession.literal(file.toString())
                + " (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, FIELD_IDS " + ids + ")";
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static Path folder(Path file) throws IOException {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IOException(file + " is in no folder");
        }
        return parent;
    }

    /// Makes the file and the names that lead to it from the table's folder last.
    private void sync(Path file) throws IOException {
        force(file, StandardOpenOption.WRITE);
        Path top = LocalFileIO.path(table.location());
        for (Path folder = folder(file); folder != null && folder.startsWith(top); folder = folder.getParent()) {
            force(folder, StandardOpenOption.READ);
        }
    }

    private static void force(Path path, StandardOpenOption option) throws IOException {
        try (FileChannel channel = FileChannel.open(path, option)) {
            channel.force(true);
        }
    }

    /// The date in the paths of the run: that of its first part, or today's where it has none.
    LocalDate ingestionDate() {
        return firstDate == null ? LocalDate.now(clock.withZone(ZoneOffset.UTC)) : firstDate;
    }

    /// What was written so far.
    List<WrittenFile> parts() {
        return List.copyOf(parts);
    }
}
