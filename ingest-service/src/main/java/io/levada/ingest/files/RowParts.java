package io.levada.ingest.files;

import io.levada.events.RawColumns;
import io.levada.events.WrittenFile;
import io.levada.lake.LakeLayout;
import io.levada.lake.columns.ColumnarFile;
import io.levada.lake.storage.EngineFiles;
import io.levada.sql.DuckDbTypes;
import io.levada.sql.LakeSession;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// The Parquet parts of one file's rows, with the table's field ids and synced. Every row of a part has the time at
/// which the part was begun.
///
/// Not safe for use by several threads.
final class RowParts {
    private static final Map<String, String> FILE_SETTINGS = Map.of(TableProperties.PARQUET_COMPRESSION_LEVEL, "1");

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

    /// Where the next part is to be, and what all its rows share.
    private record Begun(Instant at, LocalDate date, String location) {
        String partitionPath() {
            return RawColumns.INGESTION_DATE + "=" + date;
        }
    }

    private Begun begin() {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        LocalDate date = LocalDate.ofInstant(now, ZoneOffset.UTC);
        if (firstDate == null) {
            firstDate = date;
        }
        return new Begun(now, date, LakeLayout.rawFile(table.location(), date, runId, parts.size()));
    }

    /// Opens the next part for rows that give these columns, `_pos` and `_line`, in this order; the table's
    /// others are NULL in all of them.
    ColumnarFile open(List<String> columns) {
        List<ColumnarFile.Column> given = new ArrayList<>();
        columns.forEach(column -> given.add(new ColumnarFile.Column(column, false)));
        given.add(new ColumnarFile.Column(RawColumns.POS, false));
        given.add(new ColumnarFile.Column(RawColumns.LINE, false));
        return open(given, Map.of(RawColumns.OP, "c"));
    }

    private ColumnarFile open(List<ColumnarFile.Column> columns, Map<String, Object> shared) {
        Begun begun = begin();
        Map<String, Object> all = new HashMap<>(shared);
        all.put(RawColumns.INGESTED_AT, ChronoUnit.MICROS.between(Instant.EPOCH, begun.at()));
        all.put(RawColumns.FILE, path);
        all.put(RawColumns.INGESTION_DATE, Math.toIntExact(begun.date().toEpochDay()));
        return ColumnarFile.create(
                table, begun.location(), begun.partitionPath(), FILE_SETTINGS, List.copyOf(columns), all);
    }

    /// Ends the part that was opened last.
    void end(ColumnarFile part) {
        parts.add(part.finish());
    }

    /// Writes the row that voids the rows of the file's earlier versions; its `_pos` is before those of all
    /// records.
    void writeReplacement() {
        try (ColumnarFile part = open(List.of(), Map.of(RawColumns.OP, "d", RawColumns.POS, positions.at(0)))) {
            part.endRow();
            end(part);
        }
    }

    /// Has DuckDB write a part.
    ///
    /// @param staging a folder that the connection can write to
    /// @param relation has the records' ordinals as `o`
    /// @param values an expression by column of the table; others are NULL
    /// @return the part as it is; whether its rows are those that were meant is for the caller to see
    WrittenFile write(Connection connection, Path staging, String relation, Map<String, String> values)
            throws SQLException, IOException {
        Begun begun = begin();
        Map<String, String> all = new HashMap<>(values);
        all.put(RawColumns.OP, "'c'");
        all.put(RawColumns.POS, positions.sql("o"));
        all.put(RawColumns.INGESTED_AT, "TIMESTAMPTZ '" + begun.at().atOffset(ZoneOffset.UTC) + "'");
        all.put(RawColumns.FILE, LakeSession.literal(path));
        all.put(RawColumns.LINE, "o");
        all.put(RawColumns.INGESTION_DATE, "DATE '" + begun.date() + "'");
        PartitionData partition = new PartitionData(table.spec().partitionType());
        partition.set(0, Math.toIntExact(begun.date().toEpochDay()));
        try (EngineFiles place = EngineFiles.of(table, staging)) {
            Path file = place.path(begun.location().substring(table.location().length() + 1));
            copy(connection, relation, all, file);
            WrittenFile part = place.keep(file, partition);
            parts.add(part);
            return part;
        }
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
                + " (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE_BYTES "
                + FileTable.ROW_GROUP_BYTES + ", FIELD_IDS " + ids + ")";
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
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
