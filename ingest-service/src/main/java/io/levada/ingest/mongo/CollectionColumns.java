package io.levada.ingest.mongo;

import io.levada.definition.ColumnRule;
import io.levada.definition.OnSchemaChange;
import io.levada.definition.SourceTable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/// The columns of one collection, which load and stream share: whoever meets a field first decides what its column
/// holds, and that is stored before anything is written with it. Safe for use by several threads.
final class CollectionColumns {
    private final boolean grows;
    private final List<CollectionForm.Column> ruled;
    private final Consumer<CollectionForm> store;
    private @Nullable CollectionForm stored;

    private volatile Known known;

    /// A form, and its columns by name.
    record Known(CollectionForm form, Map<String, CollectionForm.Column> byName) {
        private static Known of(CollectionForm form) {
            return new Known(
                    form,
                    form.columns().stream()
                            .collect(Collectors.toUnmodifiableMap(CollectionForm.Column::name, column -> column)));
        }
    }

    /// @param stored what was decided before; empty where nothing was
    /// @param store keeps a form; returns when it is durable
    CollectionColumns(SourceTable table, Optional<CollectionForm> stored, Consumer<CollectionForm> store) {
        this.grows = table.onSchemaChange() == OnSchemaChange.EVOLVE;
        this.ruled = table.rules().byColumn().entrySet().stream()
                .filter(rule -> rule.getValue() != ColumnRule.DROP && CollectionForm.canBeColumn(rule.getKey()))
                .map(rule -> new CollectionForm.Column(rule.getKey(), BsonKind.STRING))
                .toList();
        this.store = store;
        this.stored = stored.orElse(null);
        this.known = Known.of(stored.orElseGet(() -> CollectionForm.suggestedBy(List.of(), ruled)));
    }

    /// Whether nothing is known of the collection yet.
    synchronized boolean undecided() {
        return stored == null;
    }

    /// Decides the columns by documents, where nothing is decided yet.
    synchronized void decide(List<BsonDocument> documents) {
        if (stored == null && !documents.isEmpty()) {
            keep(CollectionForm.suggestedBy(documents, ruled));
        }
    }

    Known known() {
        return known;
    }

    /// The columns, with one for each field of the document that can have one, as far as the collection's policy lets
    /// them grow.
    Known covering(BsonDocument document) {
        Known now = known;
        return covers(now, document) ? now : grownBy(document);
    }

    private boolean covers(Known now, BsonDocument document) {
        for (Map.Entry<String, BsonValue> field : document.entrySet()) {
            if (field.getKey().equals(CollectionForm.ID)) {
                if (now.form().id() == BsonKind.JSON && BsonKind.of(field.getValue()) != BsonKind.JSON) {
                    return false;
                }
            } else if (grows && isNew(now, field.getKey(), field.getValue())) {
                return false;
            }
        }
        return true;
    }

    private static boolean isNew(Known now, String name, BsonValue value) {
        return !CollectionForm.isNothing(value)
                && !now.byName().containsKey(name)
                && now.form().with(name, BsonKind.JSON) != now.form();
    }

    private synchronized Known grownBy(BsonDocument document) {
        CollectionForm before = known.form();
        CollectionForm form = before;
        if (stored == null) {
            form = CollectionForm.suggestedBy(List.of(document), ruled);
        }
        for (Map.Entry<String, BsonValue> field : document.entrySet()) {
            if (field.getKey().equals(CollectionForm.ID)) {
                BsonKind kind = BsonKind.of(field.getValue());
                form = form.id() == BsonKind.JSON ? form.identifiedBy(kind) : form;
            } else if (grows && !CollectionForm.isNothing(field.getValue())) {
                form = form.with(field.getKey(), BsonKind.of(field.getValue()));
            }
        }
        if (!form.equals(before)) {
            keep(form);
        }
        return known;
    }

    private void keep(CollectionForm form) {
        store.accept(form);
        stored = form;
        known = Known.of(form);
    }
}
