package io.levada.ingest.postgres;

import io.levada.definition.SourceTable;
import io.levada.ingest.IngestError;
import io.levada.ingest.capture.RefusedValues;
import io.levada.ingest.capture.RuledValues;
import io.levada.ingest.capture.TableShape;
import io.levada.ingest.changes.Change;
import io.levada.ingest.changes.ChangeEncoder;
import io.levada.ingest.changes.ChangeSchema;
import io.levada.ingest.changes.SchemaRegistry;
import io.levada.ingest.landing.ChangeTopics;
import io.levada.ingest.postgres.copy.PostgresText;
import io.levada.ingest.postgres.pgoutput.LogMessage.Delete;
import io.levada.ingest.postgres.pgoutput.LogMessage.Insert;
import io.levada.ingest.postgres.pgoutput.LogMessage.Relation;
import io.levada.ingest.postgres.pgoutput.LogMessage.RowChange;
import io.levada.ingest.postgres.pgoutput.LogMessage.Update;
import io.levada.ingest.postgres.pgoutput.Tuple;
import java.io.IOException;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.iceberg.data.GenericRecord;
import org.jspecify.annotations.Nullable;

/// Turns the row changes of one PostgreSQL table into encoded change events.
///
/// The stream describes the table before its first change and again after each change of the table; the events follow
/// that description, so a row is read with the columns and types that it was written with. Not safe for use by several
/// threads.
final class TupleChanges {
    /// Finds what the lake makes of a table as the stream describes it.
    @FunctionalInterface
    interface ShapeReader {
        TableShape read(Relation relation) throws SQLException;
    }

    /// What a change carries beside its rows.
    ///
    /// @param pos its `_pos`
    /// @param sourcePos the log's own position
    record Origin(String pos, String sourcePos, OffsetDateTime commitTime, String transaction) {}

    private static final String MONEY = "money";

    private final String topic;
    private final SchemaRegistry registry;
    private final ShapeReader shapes;

    private final RuledValues rules;

    private @Nullable Relation relation;
    private TableShape shape;
    private ChangeEncoder encoder;

    /// By the shape's columns, their places in the stream's rows.
    private int[] places = {};

    /// The key's places in the shape.
    private int[] key = {};

    TupleChanges(SourceTable table, String topic, SchemaRegistry registry, TableShape shape, ShapeReader shapes)
            throws IOException {
        this.rules = new RuledValues(table.rules());
        this.topic = topic;
        this.registry = registry;
        this.shape = shape;
        this.shapes = shapes;
        this.encoder = encoder(shape);
    }

    String topic() {
        return topic;
    }

    /// A row that has a value that the lake can not hold becomes a refused change, in its place.
    byte[] encode(RowChange change, Origin origin) throws IOException, SQLException {
        follow(change.relation());
        Change refused;
        try {
            byte[] event = encoder.encode(change(change, origin, true));
            if (event.length > ChangeTopics.MAX_CHANGE_BYTES) {
                event = encoder.encode(change(change, origin, false));
            }
            if (event.length <= ChangeTopics.MAX_CHANGE_BYTES) {
                return event;
            }
            refused = refused(
                    change,
                    origin,
                    IngestError.CAPTURE_ROW_TOO_LARGE,
                    "The change has " + event.length + " bytes; at most " + ChangeTopics.MAX_CHANGE_BYTES
                            + " are carried");
        } catch (IllegalArgumentException e) {
            refused =
                    refused(change, origin, IngestError.CAPTURE_VALUE_UNMAPPED, Objects.requireNonNull(e.getMessage()));
        }
        return encoder.encode(refused);
    }

    byte[] truncate(Origin origin) {
        return encoder.encode(new Change(
                "t",
                origin.pos(),
                origin.sourcePos(),
                origin.commitTime(),
                origin.transaction(),
                null,
                null,
                null,
                List.of(),
                null));
    }

    /// @param whole whether whole old rows are wanted, where they are sent
    private Change change(RowChange change, Origin origin, boolean whole) {
        return switch (change) {
            case Insert insert -> change("c", origin, null, null, row(insert.row(), null), List.of());
            case Update update -> {
                Tuple old = update.old();
                yield change(
                        "u",
                        origin,
                        old == null ? null : changedKey(old, update.row()),
                        old == null || !shape.fullIdentity() || !whole ? null : oldRow(old),
                        row(update.row(), shape.fullIdentity() ? old : null),
                        unchanged(update.row(), shape.fullIdentity() ? old : null));
            }
            case Delete delete -> {
                GenericRecord before = shape.fullIdentity() && whole ? oldRow(delete.old()) : null;
                yield change("d", origin, null, before == null ? deletedKey(delete.old()) : before, null, List.of());
            }
        };
    }

    private static Change change(
            String op,
            Origin origin,
            @Nullable GenericRecord oldKey,
            @Nullable GenericRecord before,
            @Nullable GenericRecord after,
            List<String> unchanged) {
        return new Change(
                op,
                origin.pos(),
                origin.sourcePos(),
                origin.commitTime(),
                origin.transaction(),
                oldKey,
                before,
                after,
                unchanged,
                null);
    }

    /// Looks the table's description up where the stream has described it anew.
    private void follow(Relation described) throws IOException, SQLException {
        if (described == relation) {
            return;
        }
        TableShape now = shapes.read(described);
        if (!now.equals(shape)) {
            shape = now;
            encoder = encoder(now);
        }
        List<String> names = now.columns().stream().map(TableShape.Column::name).toList();
        places = names.stream().mapToInt(described::indexOf).toArray();
        key = now.key().stream().mapToInt(names::indexOf).toArray();
        relation = described;
    }

    private ChangeEncoder encoder(TableShape of) throws IOException {
        ChangeSchema schema = ChangeSchema.of(of.lakeColumns(), of.key());
        return new ChangeEncoder(schema, registry.register(topic, schema));
    }

    /// @param old the whole old row, which has the values that are not sent again
    private GenericRecord row(Tuple tuple, @Nullable Tuple old) {
        GenericRecord row = GenericRecord.create(encoder.schema().rowStruct());
        for (int i = 0; i < places.length; i++) {
            Tuple from = tuple.isUnchanged(places[i]) && old != null ? old : tuple;
            if (!from.isUnchanged(places[i])) {
                row.set(i, value(from, i));
            }
        }
        return row;
    }

    /// The row before, as far as the lake can hold it: an update does not need it, and a delete needs the key.
    private @Nullable GenericRecord oldRow(Tuple old) {
        try {
            return row(old, null);
        } catch (IllegalArgumentException e) {
            if (key.length == 0) {
                throw e;
            }
            return null;
        }
    }

    private @Nullable GenericRecord deletedKey(Tuple old) {
        if (key.length == 0) {
            return null;
        }
        GenericRecord row = GenericRecord.create(encoder.schema().rowStruct());
        for (int column : key) {
            row.set(column, value(old, column));
        }
        return row;
    }

    private List<String> unchanged(Tuple tuple, @Nullable Tuple old) {
        List<String> names = new ArrayList<>(0);
        for (int i = 0; i < places.length; i++) {
            if (tuple.isUnchanged(places[i]) && (old == null || old.isUnchanged(places[i]))) {
                names.add(shape.columns().get(i).name());
            }
        }
        return names;
    }

    /// The key before an update that changed it. A key that has no counterpart in the lake was refused with its row, so
    /// there is nothing under it.
    private @Nullable GenericRecord changedKey(Tuple old, Tuple now) {
        if (!keyChanged(old, now)) {
            return null;
        }
        GenericRecord before = GenericRecord.create(encoder.schema().keyStruct());
        try {
            for (int i = 0; i < key.length; i++) {
                before.set(i, value(old, key[i]));
            }
            return before;
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    private boolean keyChanged(Tuple old, Tuple now) {
        for (int column : key) {
            int place = places[column];
            if (!now.isUnchanged(place) && !Objects.equals(old.text(place), now.text(place))) {
                return true;
            }
        }
        return false;
    }

    private @Nullable Object value(Tuple tuple, int column) {
        TableShape.Column of = shape.columns().get(column);
        String text = tuple.text(places[column]);
        try {
            return PostgresText.value(text == null ? null : written(text, of), of.type());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("column " + of.name() + ": " + e.getMessage(), e);
        }
    }

    private String written(String text, TableShape.Column column) {
        if (column.rule() != null) {
            return Objects.requireNonNull(rules.text(text, column.rule()));
        }
        // Money in the C locale is -$1,234.50.
        return column.postgresType().equals(MONEY) ? text.replace("$", "").replace(",", "") : text;
    }

    private Change refused(RowChange change, Origin origin, IngestError error, String reason) {
        RefusedValues values = new RefusedValues();
        String op = switch (change) {
            case Insert insert -> {
                note(values, insert.row());
                yield "c";
            }
            case Update update -> {
                Tuple old = update.old();
                if (old != null && keyChanged(old, update.row())) {
                    Map<String, @Nullable String> before = new LinkedHashMap<>();
                    for (int column : key) {
                        before.put(shape.columns().get(column).name(), shown(old, column));
                    }
                    values.oldKey(before);
                }
                note(values, update.row());
                yield "u";
            }
            case Delete delete -> {
                if (key.length == 0) {
                    note(values, delete.old());
                } else {
                    noteKey(values, delete.old());
                }
                yield "d";
            }
        };
        return new Change(
                op,
                origin.pos(),
                origin.sourcePos(),
                origin.commitTime(),
                origin.transaction(),
                null,
                null,
                null,
                List.of(),
                new Change.Refusal(error.code(), reason, values.json()));
    }

    private void note(RefusedValues values, Tuple tuple) {
        noteKey(values, tuple);
        for (int i = 0; i < places.length; i++) {
            if (!tuple.isUnchanged(places[i])) {
                values.column(shape.columns().get(i).name(), shown(tuple, i));
            }
        }
    }

    private void noteKey(RefusedValues values, Tuple tuple) {
        for (int column : key) {
            if (!tuple.isUnchanged(places[column])) {
                values.column(shape.columns().get(column).name(), shown(tuple, column));
            }
        }
    }

    /// A value for people, under the column's rule too.
    private @Nullable String shown(Tuple tuple, int column) {
        return rules.text(
                tuple.text(places[column]), shape.columns().get(column).rule());
    }
}
