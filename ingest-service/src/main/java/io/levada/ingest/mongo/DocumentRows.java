package io.levada.ingest.mongo;

import io.levada.definition.ColumnRule;
import io.levada.definition.OnSchemaChange;
import io.levada.definition.SourceTable;
import io.levada.ingest.IngestError;
import io.levada.ingest.capture.RuledValues;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/// Makes rows of one collection's documents. Not safe for use by several threads.
final class DocumentRows {
    private static final String HIDDEN = "***";

    private final boolean refuses;
    private final FieldRules rules;
    private final RuledValues ruled;
    private final CollectionColumns columns;

    DocumentRows(SourceTable table, CollectionColumns columns) {
        this.refuses = table.onSchemaChange() == OnSchemaChange.QUARANTINE;
        this.rules = new FieldRules(table.rules());
        this.ruled = new RuledValues(table.rules());
        this.columns = columns;
    }

    /// The key of a document, as its column holds it.
    @Nullable
    String key(BsonValue id) {
        BsonDocument document = new BsonDocument(CollectionForm.ID, id);
        return key(id, columns.covering(document).form());
    }

    private @Nullable String key(BsonValue id, CollectionForm form) {
        return ruled.text(BsonText.id(id, form.id()), rules.of(CollectionForm.ID));
    }

    CollectionForm form() {
        return columns.known().form();
    }

    DocumentRow row(BsonDocument whole) {
        BsonDocument document = rules.visible(whole);
        CollectionColumns.Known known = columns.covering(document);
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        BsonDocument rest = new BsonDocument();
        for (Map.Entry<String, BsonValue> field : document.entrySet()) {
            String name = field.getKey();
            BsonValue value = field.getValue();
            if (name.equals(CollectionForm.ID)) {
                values.put(name, key(value, known.form()));
            } else if (!CollectionForm.isNothing(value)) {
                put(known.byName().get(name), name, value, values, rest);
            }
        }
        if (!rest.isEmpty()) {
            if (refuses) {
                return new DocumentRow.Refused(
                        IngestError.LANDING_SCHEMA_CHANGED,
                        "Fields are new, or of another type than their columns: " + String.join(", ", rest.keySet()));
            }
            values.put(CollectionForm.REST, BsonText.canonical(rest));
        }
        return new DocumentRow.Read(known.form(), values);
    }

    private void put(
            CollectionForm.@Nullable Column column,
            String name,
            BsonValue value,
            Map<String, @Nullable Object> values,
            BsonDocument rest) {
        ColumnRule rule = rules.of(name);
        BsonValue shown = rule == null ? value : text(value, rule);
        Object fit = column == null ? null : column.kind().fit(shown);
        if (fit == null) {
            rest.append(name, shown);
        } else {
            values.put(name, fit);
        }
    }

    private BsonValue text(BsonValue value, ColumnRule rule) {
        return new BsonString(String.valueOf(ruled.text(BsonText.plain(value), rule)));
    }

    /// The document as quarantine shows it: what rules hide stays hidden.
    Map<String, @Nullable String> shown(BsonDocument whole) {
        Map<String, @Nullable String> texts = new LinkedHashMap<>();
        rules.visible(whole).forEach((name, value) -> {
            ColumnRule rule = rules.of(name);
            if (name.equals(CollectionForm.ID)) {
                texts.put(name, key(value));
            } else {
                texts.put(name, rule == null ? BsonText.relaxed(value) : HIDDEN);
            }
        });
        return texts;
    }
}
