package io.levada.ingest.binlog;

import io.levada.definition.ColumnRule;
import io.levada.definition.SourceTable;
import io.levada.ingest.IngestError;
import io.levada.ingest.capture.RefusedValues;
import io.levada.ingest.capture.SourceProblem;
import io.levada.ingest.capture.TableShape;
import io.levada.ingest.changes.Change;
import io.levada.ingest.changes.ChangeEncoder;
import io.levada.ingest.changes.ChangeSchema;
import io.levada.ingest.changes.SchemaRegistry;
import io.levada.ingest.landing.ChangeTopics;
import java.io.IOException;
import java.io.Serializable;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// Turns rows of one table in the binary log into encoded change events.
///
/// The columns are those that the log describes where the rows stand, so a row is read as what it was when it was
/// written, whatever has become of its table since. Not safe for use by several threads.
final class BinlogTable {
    /// Reads what the server says of the table now.
    @FunctionalInterface
    interface DescriptionReader {
        BinlogChecks.Described read() throws SQLException;
    }

    /// What every change says beside its row.
    record Place(String pos, String sourcePos, OffsetDateTime commitTime, String tx) {}

    private final SourceTable table;
    private final String topic;
    private final SchemaRegistry registry;
    private final BinlogValues values;
    private final DescriptionReader descriptions;
    private BinlogChecks.Described described;
    private @Nullable BinlogLayout layout;
    private List<BinlogLayout.Column> logged = List.of();
    /// Of each column of a row; null where it is not carried.
    private TableShape.@Nullable Column[] carried = new TableShape.Column[0];
    private ChangeEncoder encoder;

    BinlogTable(
            SourceTable table,
            String topic,
            SchemaRegistry registry,
            BinlogValues values,
            BinlogChecks.Described described,
            DescriptionReader descriptions)
            throws IOException {
        this.table = table;
        this.topic = topic;
        this.registry = registry;
        this.values = values;
        this.described = described;
        this.descriptions = descriptions;
        this.encoder = encoder(described.shape());
    }

    String topic() {
        return topic;
    }

    SourceTable table() {
        return table;
    }

    /// Takes the log's description of the rows that follow.
    void describedAs(BinlogLayout now) throws IOException, SQLException {
        if (now.equals(layout)) {
            return;
        }
        if (layout != null || unknown(now)) {
            described = descriptions.read();
        }
        Map<String, TableShape.Column> columns = new LinkedHashMap<>();
        described.shape().columns().forEach(column -> columns.put(column.name(), column));
        carried = new TableShape.Column[now.columns().size()];
        for (int i = 0; i < carried.length; i++) {
            BinlogLayout.Column column = now.columns().get(i);
            if (!described.leftOut().contains(column.name())) {
                if (!columns.containsKey(column.name())) {
                    columns.put(column.name(), gone(column));
                }
                carried[i] = columns.get(column.name());
            }
        }
        logged = now.columns().stream().map(this::readRightly).toList();
        layout = now;
        TableShape shape =
                new TableShape(List.copyOf(columns.values()), described.shape().key(), true);
        encoder = encoder(shape);
    }

    private TableShape.Column plain(TableShape.Column column) {
        return described.unruled().getOrDefault(column.name(), column);
    }

    /// A column that the table does not have any more, so that nobody can say what a rule would have it be.
    private TableShape.Column gone(BinlogLayout.Column column) {
        TableShape.Column plain = BinlogTypes.ofLog(column).orElseThrow(() -> unsupported(column));
        return table.rules().byColumn().isEmpty() ? plain : plain.ruled(ColumnRule.MASK);
    }

    private BinlogLayout.Column readRightly(BinlogLayout.Column column) {
        if (!column.labelsAreForeign() || values.isUtf8(column)) {
            return column;
        }
        List<String> labels = described.labels().getOrDefault(column.name(), List.of());
        if (labels.size() != column.labels().size()) {
            throw new SourceProblem(
                    IngestError.CAPTURE_BINLOG_UNREADABLE,
                    "The labels that column " + column.name() + " of table " + table.qualifiedName()
                            + " had are not in UTF-8 and have changed since",
                    "Run ./levada source repair for this source: it begins anew at the end of the log and loads all tables");
        }
        return column.labelled(labels);
    }

    private boolean unknown(BinlogLayout now) {
        List<String> known = described.shape().columns().stream()
                .map(TableShape.Column::name)
                .toList();
        return now.names().stream()
                .anyMatch(name -> !known.contains(name) && !described.leftOut().contains(name));
    }

    private SourceProblem unsupported(BinlogLayout.Column column) {
        return new SourceProblem(
                IngestError.CAPTURE_TYPE_UNSUPPORTED,
                "Column " + column.name() + " that table " + table.qualifiedName() + " had has type " + column.type()
                        + ", which is not supported",
                "Take the table out of levada.yaml");
    }

    private ChangeEncoder encoder(TableShape shape) throws IOException {
        ChangeSchema schema = ChangeSchema.of(shape.lakeColumns(), shape.key());
        return new ChangeEncoder(schema, registry.register(topic, schema));
    }

    byte[] truncated(Place place) {
        return encoder.encode(new Change(
                "t",
                place.pos(),
                place.sourcePos(),
                place.commitTime(),
                place.tx(),
                null,
                null,
                null,
                List.of(),
                null));
    }

    /// A change of one row; where the lake can not hold it, a refused change in its place.
    ///
    /// @param before null for an insert
    /// @param after null for a delete
    byte[] encode(Place place, @Nullable Serializable @Nullable [] before, @Nullable Serializable @Nullable [] after) {
        String op = before == null ? "c" : after == null ? "d" : "u";
        boolean moved = before != null && after != null && keyDiffers(before, after);
        Change.Refusal refusal;
        try {
            GenericRecord row = after == null ? null : row(after);
            GenericRecord old =
                    before != null && (after == null || described.shape().key().isEmpty()) ? row(before) : null;
            byte[] change = encoder.encode(
                    change(op, place, moved ? key(Objects.requireNonNull(before)) : null, old, row, null));
            if (change.length <= ChangeTopics.MAX_CHANGE_BYTES) {
                return change;
            }
            if (old != null && !described.shape().key().isEmpty()) {
                return encoder.encode(change(op, place, null, keyOnly(Objects.requireNonNull(before)), null, null));
            }
            refusal = refusal(
                    IngestError.CAPTURE_ROW_TOO_LARGE,
                    "The change has " + change.length + " bytes; at most " + ChangeTopics.MAX_CHANGE_BYTES
                            + " are carried",
                    moved ? before : null,
                    after == null ? Objects.requireNonNull(before) : after);
        } catch (IllegalArgumentException e) {
            if (op.equals("d") && !described.shape().key().isEmpty()) {
                byte[] least = deletedByKey(place, Objects.requireNonNull(before));
                if (least != null) {
                    return least;
                }
            }
            refusal = refusal(
                    IngestError.CAPTURE_VALUE_UNMAPPED,
                    String.valueOf(e.getMessage()),
                    moved ? before : null,
                    after == null ? Objects.requireNonNull(before) : after);
        }
        return encoder.encode(change(op, place, null, null, null, refusal));
    }

    private static Change change(
            String op,
            Place place,
            @Nullable GenericRecord oldKey,
            @Nullable GenericRecord before,
            @Nullable GenericRecord after,
            Change.@Nullable Refusal refusal) {
        return new Change(
                op,
                place.pos(),
                place.sourcePos(),
                place.commitTime(),
                place.tx(),
                oldKey,
                before,
                after,
                List.of(),
                refusal);
    }

    /// A delete of a row that the lake could not hold still names its key.
    private byte @Nullable [] deletedByKey(Place place, @Nullable Serializable[] before) {
        try {
            return encoder.encode(change("d", place, null, keyOnly(before), null, null));
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    private boolean keyDiffers(@Nullable Serializable[] before, @Nullable Serializable[] after) {
        for (int i = 0; i < carried.length; i++) {
            TableShape.Column column = carried[i];
            if (column != null
                    && described.shape().key().contains(column.name())
                    && !Objects.deepEquals(before[i], after[i])) {
                return true;
            }
        }
        return false;
    }

    private GenericRecord row(@Nullable Serializable[] cells) {
        return fill(GenericRecord.create(encoder.schema().rowStruct()), cells, false);
    }

    private GenericRecord keyOnly(@Nullable Serializable[] cells) {
        return fill(GenericRecord.create(encoder.schema().rowStruct()), cells, true);
    }

    /// A key that has no counterpart in the lake was refused with its row, so there is nothing under it.
    private @Nullable GenericRecord key(@Nullable Serializable[] cells) {
        Types.StructType struct = encoder.schema().keyStruct();
        try {
            return fill(GenericRecord.create(struct), cells, true);
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    private GenericRecord fill(GenericRecord record, @Nullable Serializable[] cells, boolean keyOnly) {
        for (int i = 0; i < cells.length; i++) {
            TableShape.Column column = carried[i];
            if (column != null && (!keyOnly || described.shape().key().contains(column.name()))) {
                try {
                    record.setField(column.name(), values.ruled(cells[i], logged.get(i), column, plain(column)));
                } catch (ArithmeticException | ClassCastException e) {
                    throw new IllegalArgumentException(
                            "column " + column.name() + ": a value of the type that the column had before", e);
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException("column " + column.name() + ": " + e.getMessage(), e);
                }
            }
        }
        return record;
    }

    private Change.Refusal refusal(
            IngestError error,
            String reason,
            @Nullable Serializable @Nullable [] oldKey,
            @Nullable Serializable[] row) {
        RefusedValues refused = new RefusedValues();
        if (oldKey != null) {
            refused.oldKey(texts(oldKey, true));
        }
        texts(row, true).forEach(refused::column);
        texts(row, false).forEach(refused::column);
        return new Change.Refusal(error.code(), reason, refused.json());
    }

    private Map<String, @Nullable String> texts(@Nullable Serializable[] cells, boolean keyOnly) {
        Map<String, @Nullable String> texts = new LinkedHashMap<>();
        for (int i = 0; i < cells.length; i++) {
            TableShape.Column column = carried[i];
            if (column != null && (!keyOnly || described.shape().key().contains(column.name()))) {
                texts.put(column.name(), values.text(cells[i], logged.get(i), column));
            }
        }
        return texts;
    }
}
