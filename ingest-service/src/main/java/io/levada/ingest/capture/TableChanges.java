package io.levada.ingest.capture;

import io.debezium.data.Envelope;
import io.levada.definition.SourceTable;
import io.levada.ingest.IngestError;
import io.levada.ingest.changes.Change;
import io.levada.ingest.changes.ChangeEncoder;
import io.levada.ingest.changes.ChangeSchema;
import io.levada.ingest.changes.SchemaRegistry;
import io.levada.ingest.landing.ChangeTopics;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.types.Types;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/// Turns Debezium's records of one table into encoded change events.
///
/// The table's columns are read from the database again when Debezium shows another row schema. Not safe for use by
/// several
/// threads.
final class TableChanges {
    /// Reads what the database says of the table now.
    @FunctionalInterface
    interface ShapeReader {
        TableShape read() throws SQLException;
    }

    private static final String OLD_KEY_HEADER = "__debezium.oldkey";
    private static final String NEW_KEY_HEADER = "__debezium.newkey";

    private final SourceTable table;
    private final String topic;
    private final SchemaRegistry registry;
    private final UnavailableValue unavailable;
    private final ShapeReader shapes;

    private TableShape shape;
    private ChangeEncoder encoder;
    private @Nullable Schema rowSchema;
    private Map<String, Types.NestedField> columns = Map.of();

    TableChanges(
            SourceTable table,
            String topic,
            SchemaRegistry registry,
            UnavailableValue unavailable,
            TableShape shape,
            ShapeReader shapes)
            throws IOException {
        this.table = table;
        this.topic = topic;
        this.registry = registry;
        this.unavailable = unavailable;
        this.shapes = shapes;
        this.shape = shape;
        this.encoder = encoder(shape);
    }

    String topic() {
        return topic;
    }

    /// Whether the record says nothing of its own: the first half of a key update, which Debezium splits.
    static boolean isHalfOfKeyUpdate(SourceRecord message) {
        return message.headers().lastWithName(NEW_KEY_HEADER) != null;
    }

    /// A row that has a value that the lake can not hold becomes a refused change, in its place.
    ///
    /// @param pos the change's `_pos`
    byte[] encode(SourceRecord message, Struct envelope, String pos, String sourcePos, Instant commitTime, String tx)
            throws IOException, SQLException {
        follow(envelope.schema().field(Envelope.FieldName.AFTER));
        Struct after = field(envelope, Envelope.FieldName.AFTER);
        Struct oldKey = message.headers().lastWithName(OLD_KEY_HEADER) instanceof Header header
                ? (Struct) header.value()
                : null;
        String op = oldKey == null ? envelope.getString(Envelope.FieldName.OPERATION) : "u";
        OffsetDateTime time = ConnectValues.timestamptz(commitTime);
        List<String> unchanged = after == null ? List.of() : unchanged(after);
        Change.Refusal refusal;
        try {
            GenericRecord before = before(message, envelope, op);
            GenericRecord key = oldKey(oldKey);
            GenericRecord row = after == null ? null : row(after, unchanged);
            byte[] change = encoder.encode(new Change(op, pos, sourcePos, time, tx, key, before, row, unchanged, null));
            GenericRecord least = deletedKey(message, op);
            if (change.length > ChangeTopics.MAX_CHANGE_BYTES && (row != null || least != null)) {
                change = encoder.encode(new Change(op, pos, sourcePos, time, tx, key, least, row, unchanged, null));
            }
            if (change.length <= ChangeTopics.MAX_CHANGE_BYTES) {
                return change;
            }
            refusal = refusal(
                    IngestError.CAPTURE_ROW_TOO_LARGE,
                    "The change has " + change.length + " bytes; at most " + ChangeTopics.MAX_CHANGE_BYTES
                            + " are carried",
                    after == null ? deleted(message, envelope) : after,
                    unchanged,
                    oldKey);
        } catch (IllegalArgumentException e) {
            refusal = refusal(
                    IngestError.CAPTURE_VALUE_UNMAPPED,
                    String.valueOf(e.getMessage()),
                    after == null ? deleted(message, envelope) : after,
                    unchanged,
                    oldKey);
        }
        return encoder.encode(new Change(op, pos, sourcePos, time, tx, null, null, null, List.of(), refusal));
    }

    private Change.Refusal refusal(
            IngestError error, String reason, @Nullable Struct row, List<String> unchanged, @Nullable Struct oldKey) {
        RefusedRow text = new RefusedRow(columns);
        if (oldKey != null) {
            text.oldKey(oldKey, shape.key());
        }
        if (row != null) {
            text.row(row, shape.key(), unchanged);
        }
        return new Change.Refusal(error.code(), reason, text.json());
    }

    /// Reads the table's shape again when Debezium shows another row schema: the server describes a table anew
    /// after each change to it. A column that became wider has the same name, so names do not tell.
    private void follow(@Nullable Field after) throws IOException, SQLException {
        if (after == null || after.schema() == rowSchema) {
            return;
        }
        if (rowSchema != null || !columns.keySet().equals(columnNames(after.schema()))) {
            TableShape now = shapes.read();
            if (!now.equals(shape)) {
                shape = now;
                encoder = encoder(now);
            }
        }
        rowSchema = after.schema();
    }

    private static Set<String> columnNames(Schema row) {
        return row.fields().stream().map(Field::name).collect(Collectors.toSet());
    }

    private ChangeEncoder encoder(TableShape of) throws IOException {
        ChangeSchema schema = ChangeSchema.of(of.lakeColumns(), of.key());
        Map<String, Types.NestedField> byName = new HashMap<>();
        schema.rowStruct().fields().forEach(field -> byName.put(field.name(), field));
        columns = byName;
        return new ChangeEncoder(schema, registry.register(topic, schema));
    }

    private List<String> unchanged(Struct after) {
        List<String> names = new ArrayList<>(0);
        for (Field field : after.schema().fields()) {
            if (unavailable.is(after.get(field)) && columns.containsKey(field.name())) {
                names.add(field.name());
            }
        }
        return names;
    }

    /// The row before, as far as it is needed: where its columns have no counterpart in the lake, a delete still
    /// names the key, and an update needs no old row.
    private @Nullable GenericRecord before(SourceRecord message, Struct envelope, String op) {
        Struct before = field(envelope, Envelope.FieldName.BEFORE);
        if (before == null || !shape.fullIdentity()) {
            return deletedKey(message, op);
        }
        try {
            return row(before, List.of());
        } catch (IllegalArgumentException e) {
            GenericRecord key = deletedKey(message, op);
            if (op.equals("d") && key == null) {
                throw e;
            }
            return key;
        }
    }

    /// What a delete says at least; null for other changes, and where the table has no key.
    private @Nullable GenericRecord deletedKey(SourceRecord message, String op) {
        return op.equals("d") && message.key() instanceof Struct key ? row(key, List.of()) : null;
    }

    private static @Nullable Struct deleted(SourceRecord message, Struct envelope) {
        return message.key() instanceof Struct key ? key : field(envelope, Envelope.FieldName.BEFORE);
    }

    private GenericRecord row(Struct values, List<String> unchanged) {
        GenericRecord row = GenericRecord.create(encoder.schema().rowStruct());
        for (Field field : values.schema().fields()) {
            Types.NestedField column = columns.get(field.name());
            if (column != null && !unchanged.contains(field.name())) {
                row.setField(field.name(), convert(values.getWithoutDefault(field.name()), column));
            }
        }
        return row;
    }

    /// A key that has no counterpart in the lake was refused with its row, so there is nothing under it.
    private @Nullable GenericRecord oldKey(@Nullable Struct values) {
        if (values == null || shape.key().isEmpty()) {
            return null;
        }
        GenericRecord key = GenericRecord.create(encoder.schema().keyStruct());
        try {
            for (Types.NestedField column : encoder.schema().keyStruct().fields()) {
                key.setField(column.name(), convert(values.get(column.name()), column));
            }
            return key;
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    private static @Nullable Object convert(@Nullable Object value, Types.NestedField column) {
        try {
            return ConnectValues.convert(value, column.type());
        } catch (ClassCastException e) {
            throw new IllegalArgumentException(
                    "column " + column.name() + ": a value of the type that the column had before", e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("column " + column.name() + ": " + e.getMessage(), e);
        }
    }

    private static @Nullable Struct field(Struct envelope, String name) {
        return envelope.schema().field(name) == null ? null : envelope.getStruct(name);
    }
}
