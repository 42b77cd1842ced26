package io.levada.ingest.binlog;

import io.levada.ingest.IngestError;
import io.levada.ingest.capture.ChunkRows;
import io.levada.ingest.capture.LoadedChunk;
import java.nio.ByteBuffer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.jspecify.annotations.Nullable;

/// Reads rows of one table by a query whose rows stream, and writes them straight to Parquet.
final class QueryCopy {
    private static final int FETCHED_ROWS = 2_000;

    private final List<Column> columns;
    private final Type[] types;

    /// @param schema of the raw table
    QueryCopy(List<Column> columns, Schema schema) {
        this.columns = columns;
        this.types =
                columns.stream().map(column -> schema.findType(column.name())).toArray(Type[]::new);
    }

    /// Makes a value of the lake of the text that the database gives.
    @FunctionalInterface
    interface TextReader {
        /// @throws IllegalArgumentException where there is none, with a message that does not name the value
        @Nullable
        Object value(@Nullable String text, Type type);
    }

    /// A column to read.
    ///
    /// @param expression SQL that yields it
    /// @param shown what a row in quarantine shows of it
    record Column(String name, String expression, TextReader reader, UnaryOperator<@Nullable String> shown) {}

    /// What a query selects.
    static List<String> expressions(List<Column> columns) {
        return columns.stream().map(Column::expression).toList();
    }

    /// Copies all rows; those with a value that has no exact counterpart in the lake go to quarantine.
    ///
    /// @param query selects the columns
    LoadedChunk copy(PreparedStatement query, ChunkRows rows) throws SQLException {
        query.setFetchSize(FETCHED_ROWS);
        try (ResultSet result = query.executeQuery()) {
            while (result.next()) {
                add(result, rows);
            }
        }
        return rows.finish();
    }

    private void add(ResultSet result, ChunkRows rows) throws SQLException {
        @Nullable Object[] values = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            try {
                values[i] = value(result, i);
            } catch (IllegalArgumentException e) {
                rows.putAside(
                        shown(result),
                        IngestError.CAPTURE_VALUE_UNMAPPED,
                        "column " + columns.get(i).name() + ": " + e.getMessage());
                return;
            }
        }
        rows.add(row -> {
            for (int i = 0; i < values.length; i++) {
                row.setField(columns.get(i).name(), values[i]);
            }
        });
    }

    private @Nullable Object value(ResultSet result, int i) throws SQLException {
        if (types[i].typeId() == Type.TypeID.BINARY) {
            byte[] bytes = result.getBytes(i + 1);
            return bytes == null ? null : ByteBuffer.wrap(bytes);
        }
        return columns.get(i).reader().value(result.getString(i + 1), types[i]);
    }

    private Map<String, @Nullable String> shown(ResultSet result) throws SQLException {
        Map<String, @Nullable String> shown = new LinkedHashMap<>();
        for (int i = 0; i < types.length; i++) {
            shown.put(columns.get(i).name(), text(result, i));
        }
        return shown;
    }

    private @Nullable String text(ResultSet result, int i) throws SQLException {
        if (types[i].typeId() == Type.TypeID.BINARY) {
            byte[] bytes = result.getBytes(i + 1);
            return bytes == null ? null : "\\x" + HexFormat.of().formatHex(bytes);
        }
        return columns.get(i).shown().apply(result.getString(i + 1));
    }
}
