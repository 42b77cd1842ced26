package io.levada.ingest.capture;

import io.debezium.data.Envelope;
import io.levada.definition.SourceTable;
import io.levada.ingest.IngestError;
import io.levada.ingest.changes.Change;
import io.levada.ingest.changes.ChangeEncoder;
import io.levada.ingest.changes.ChangeSchema;
import io.levada.ingest.changes.SchemaRegistry;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
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

    /// @param pos the change's `_pos`
    /// @throws SourceProblem where a value does not fit its column's type
    byte[] encode(SourceRecord message, Struct envelope, String pos, String sourcePos, Instant commitTime, String tx)
            throws IOException, SQLException {
        follow(envelope.schema().field(Envelope.FieldName.AFTER));
        Struct after = field(envelope, Envelope.FieldName.AFTER);
        Header oldKey = message.headers().lastWithName(OLD_KEY_HEADER);
        String op = envelope.getString(Envelope.FieldName.OPERATION);
        List<String> unchanged = after == null ? List.of() : unchanged(after);
        try {
            return encoder.encode(new Change(
                    oldKey == null ? op : "u",
                    pos,
                    sourcePos,
                    ConnectValues.timestamptz(commitTime),
                    tx,
                    oldKey == null || shape.key().isEmpty() ? null : key((Struct) oldKey.value()),
                    before(message, envelope, op),
                    after == null ? null : row(after, unchanged),
                    unchanged));
        } catch (ArithmeticException | IllegalArgumentException | java.time.DateTimeException e) {
            throw new SourceProblem(
                    IngestError.CAPTURE_VALUE_UNMAPPED,
                    "A value of table " + table.qualifiedName() + " at log position " + sourcePos
                            + " does not fit its column's type in the lake: " + e.getMessage(),
                    "Correct the value at the source, then take the table out of levada.yaml and start again");
        }
    }

    private void follow(@Nullable Field after) throws IOException, SQLException {
        if (after == null || after.schema() == rowSchema) {
            return;
        }
        if (!columns.keySet().equals(columnNames(after.schema()))) {
            shape = shapes.read();
            encoder = encoder(shape);
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

    private @Nullable GenericRecord before(SourceRecord message, Struct envelope, String op) {
        Struct before = field(envelope, Envelope.FieldName.BEFORE);
        if (before != null && shape.fullIdentity()) {
            return row(before, List.of());
        }
        return op.equals("d") && message.key() instanceof Struct key ? row(key, List.of()) : null;
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

    private GenericRecord key(Struct values) {
        GenericRecord key = GenericRecord.create(encoder.schema().keyStruct());
        for (Types.NestedField column : encoder.schema().keyStruct().fields()) {
            key.setField(column.name(), convert(values.get(column.name()), column));
        }
        return key;
    }

    private static @Nullable Object convert(@Nullable Object value, Types.NestedField column) {
        try {
            return ConnectValues.convert(value, column.type());
        } catch (ArithmeticException | IllegalArgumentException | java.time.DateTimeException e) {
            throw new IllegalArgumentException("column " + column.name() + ": " + e.getMessage(), e);
        }
    }

    private static @Nullable Struct field(Struct envelope, String name) {
        return envelope.schema().field(name) == null ? null : envelope.getStruct(name);
    }
}
