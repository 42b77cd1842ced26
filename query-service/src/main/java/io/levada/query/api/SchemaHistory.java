package io.levada.query.api;

import io.levada.events.TablePosition;
import io.levada.sql.DuckDbTypes;
import io.levada.sql.TableDetail.ColumnChange;
import io.levada.sql.TableDetail.ColumnChange.Kind;
import io.levada.sql.TableDetail.SchemaVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// How a table's columns came to be, from what Iceberg keeps: each schema that it had, in the order of the snapshots
/// that were made with it. Columns are told apart by their field ids, so a renamed one is not a new one.
final class SchemaHistory {
    private final Table table;
    private final List<Step> steps = new ArrayList<>();

    /// @param snapshot the first one with the schema, null where none is kept
    private record Step(int schemaId, @Nullable Snapshot snapshot) {}

    private SchemaHistory(Table table) {
        this.table = table;
    }

    /// Newest first.
    static List<SchemaVersion> of(Table table) {
        SchemaHistory history = new SchemaHistory(table);
        history.walk();
        return history.versions().reversed();
    }

    /// Ids rise with each new schema, and one that comes back has its old id again.
    private void walk() {
        TreeSet<Integer> unseen = new TreeSet<>(table.schemas().keySet());
        StreamSupport.stream(table.snapshots().spliterator(), false)
                .filter(snapshot -> table.schemas().containsKey(snapshot.schemaId()))
                .sorted(Comparator.comparingLong(Snapshot::sequenceNumber))
                .forEach(snapshot -> {
                    int id = snapshot.schemaId();
                    if (steps.isEmpty() || steps.getLast().schemaId() != id) {
                        Set<Integer> between = unseen.headSet(id);
                        between.forEach(skipped -> steps.add(new Step(skipped, null)));
                        between.clear();
                        steps.add(new Step(id, snapshot));
                        unseen.remove(id);
                    }
                });
        unseen.forEach(id -> steps.add(new Step(id, null)));
        if (steps.getLast().schemaId() != table.schema().schemaId()) {
            steps.add(new Step(table.schema().schemaId(), null));
        }
    }

    private List<SchemaVersion> versions() {
        List<SchemaVersion> versions = new ArrayList<>();
        Schema before = null;
        for (Step step : steps) {
            Schema schema = Objects.requireNonNull(table.schemas().get(step.schemaId()));
            Snapshot snapshot = step.snapshot();
            versions.add(new SchemaVersion(
                    step.schemaId(),
                    snapshot == null ? null : Long.toString(snapshot.snapshotId()),
                    snapshot == null ? null : Instant.ofEpochMilli(snapshot.timestampMillis()),
                    snapshot == null ? Map.of() : TablePosition.sources(TablePosition.in(snapshot.summary())),
                    before == null ? List.of() : changes(before, schema)));
            before = schema;
        }
        return versions;
    }

    private static List<ColumnChange> changes(Schema before, Schema after) {
        List<ColumnChange> changes = new ArrayList<>();
        Set<Integer> kept = new HashSet<>();
        for (NestedField field : after.columns()) {
            NestedField earlier = before.asStruct().field(field.fieldId());
            kept.add(field.fieldId());
            if (earlier == null) {
                changes.add(change(Kind.ADDED, field, null));
                continue;
            }
            if (!earlier.name().equals(field.name())) {
                changes.add(change(Kind.RENAMED, field, earlier.name()));
            }
            if (!earlier.type().equals(field.type())) {
                changes.add(change(Kind.WIDENED, field, DuckDbTypes.of(earlier.type())));
            }
            if (earlier.isRequired() && field.isOptional()) {
                changes.add(change(Kind.MADE_OPTIONAL, field, null));
            }
        }
        before.columns().stream()
                .filter(field -> !kept.contains(field.fieldId()))
                .forEach(field -> changes.add(change(Kind.DROPPED, field, null)));
        return changes;
    }

    private static ColumnChange change(Kind kind, NestedField field, @Nullable String before) {
        return new ColumnChange(kind, field.name(), DuckDbTypes.of(field.type()), before);
    }
}
