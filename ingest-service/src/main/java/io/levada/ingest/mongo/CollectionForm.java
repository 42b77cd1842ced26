package io.levada.ingest.mongo;

import io.levada.events.RawColumns;
import io.levada.ingest.capture.DocumentColumns;
import io.levada.lake.RawSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.types.Types;
import org.bson.BsonDocument;
import org.bson.BsonValue;

/// The columns that a collection has in the lake, beside [#ID] and [#REST]. They only ever grow.
///
/// @param id the kind of `_id` whose values stand as plain text, decided by the first documents; [BsonKind#JSON] for
///     none
/// @param columns in the order in which they were found
record CollectionForm(BsonKind id, List<Column> columns) {
    /// The key, as text.
    static final String ID = "_id";

    /// The fields of a document that have no column, or whose value does not fit theirs: a document in canonical
    /// Extended JSON.
    static final String REST = "_rest";

    static final List<String> KEY = List.of(ID);

    /// Documents whose field names are data would have columns without end.
    static final int MOST_COLUMNS = 1_000;

    private static final int LONGEST_NAME = 200;
    private static final Set<String> RESERVED = RawColumns.ALL.stream()
            .map(BsonText::folded)
            .collect(Collectors.collectingAndThen(Collectors.toSet(), Set::copyOf));

    CollectionForm {
        columns = List.copyOf(columns);
    }

    /// One field's column.
    record Column(String name, BsonKind kind) {}

    /// Whether a field can have a column at all.
    static boolean canBeColumn(String name) {
        String folded = BsonText.folded(name);
        return !name.isBlank()
                && name.length() <= LONGEST_NAME
                && !name.startsWith("$")
                && name.chars().noneMatch(c -> c == '.' || Character.isISOControl(c))
                && !folded.equals(ID)
                && !folded.equals(REST)
                && !RESERVED.contains(folded);
    }

    /// The form that the first documents suggest: of each field the kind that most of its values fit.
    ///
    /// @param ruled fields that have a rule, which are text whatever they hold
    static CollectionForm suggestedBy(List<BsonDocument> documents, List<Column> ruled) {
        Map<BsonKind, Integer> ids = new HashMap<>();
        Map<String, Map<BsonKind, Integer>> fields = new LinkedHashMap<>();
        Set<String> taken =
                ruled.stream().map(column -> BsonText.folded(column.name())).collect(Collectors.toSet());
        for (BsonDocument document : documents) {
            document.forEach((name, value) -> {
                if (name.equals(ID)) {
                    ids.merge(BsonKind.of(value), 1, Integer::sum);
                } else if (!isNothing(value) && !taken.contains(BsonText.folded(name))) {
                    fields.computeIfAbsent(name, _ -> new HashMap<>()).merge(BsonKind.of(value), 1, Integer::sum);
                }
            });
        }
        CollectionForm form = new CollectionForm(ids.isEmpty() ? BsonKind.JSON : mostFrequent(ids), ruled);
        for (Map.Entry<String, Map<BsonKind, Integer>> field : fields.entrySet()) {
            form = form.with(field.getKey(), common(field.getValue()));
        }
        return form;
    }

    /// Numbers of several types have one that holds them all, nearly always; of other mixtures the most frequent wins.
    private static BsonKind common(Map<BsonKind, Integer> kinds) {
        if (kinds.keySet().equals(Set.of(BsonKind.LONG, BsonKind.DOUBLE))) {
            return BsonKind.DOUBLE;
        }
        return kinds.keySet().equals(Set.of(BsonKind.LONG, BsonKind.DECIMAL)) ? BsonKind.DECIMAL : mostFrequent(kinds);
    }

    private static BsonKind mostFrequent(Map<BsonKind, Integer> kinds) {
        return kinds.entrySet().stream()
                .max(Map.Entry.<BsonKind, Integer>comparingByValue()
                        .thenComparing(
                                Map.Entry.<BsonKind, Integer>comparingByKey().reversed()))
                .orElseThrow()
                .getKey();
    }

    /// What was stored.
    static CollectionForm of(DocumentColumns stored) {
        return new CollectionForm(
                BsonKind.valueOf(stored.id()),
                stored.columns().stream()
                        .map(column -> new Column(column.name(), BsonKind.valueOf(column.kind())))
                        .toList());
    }

    /// The form as it is stored.
    DocumentColumns stored(String table) {
        return new DocumentColumns(
                table,
                id.name(),
                columns.stream()
                        .map(column -> new DocumentColumns.Column(
                                column.name(), column.kind().name()))
                        .toList());
    }

    static boolean isNothing(BsonValue value) {
        return value.isNull();
    }

    /// The form with one more column; the same where the field can have none.
    CollectionForm with(String name, BsonKind kind) {
        if (columns.size() >= MOST_COLUMNS || !canBeColumn(name) || folded(name).isPresent()) {
            return this;
        }
        List<Column> more = new ArrayList<>(columns);
        more.add(new Column(name, kind));
        return new CollectionForm(id, more);
    }

    CollectionForm identifiedBy(BsonKind kind) {
        return new CollectionForm(kind, columns);
    }

    /// The column whose name is the same to the lake, which does not tell upper case from lower.
    private Optional<Column> folded(String name) {
        return columns.stream()
                .filter(column -> column.name().equalsIgnoreCase(name))
                .findFirst();
    }

    /// The columns in the lake.
    List<RawSchema.Column> lakeColumns() {
        List<RawSchema.Column> all = new ArrayList<>();
        all.add(new RawSchema.Column(ID, Types.StringType.get()));
        columns.forEach(column ->
                all.add(new RawSchema.Column(column.name(), column.kind().type())));
        all.add(new RawSchema.Column(REST, Types.StringType.get()));
        return all;
    }
}
