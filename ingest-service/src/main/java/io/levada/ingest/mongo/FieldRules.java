package io.levada.ingest.mongo;

import io.levada.definition.ColumnRule;
import io.levada.definition.ColumnRules;
import java.util.Map;
import java.util.stream.Collectors;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;

/// The rules of a collection's fields. Upper and lower case count as the same, so that no other spelling of a field
/// gets past its rule.
final class FieldRules {
    private final Map<String, ColumnRule> byName;
    private final boolean anyDropped;

    FieldRules(ColumnRules rules) {
        byName = rules.byColumn().entrySet().stream()
                .collect(Collectors.toMap(
                        rule -> BsonText.folded(rule.getKey()), Map.Entry::getValue, FieldRules::stricter));
        anyDropped = byName.containsValue(ColumnRule.DROP);
    }

    private static ColumnRule stricter(ColumnRule one, ColumnRule other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    @Nullable
    ColumnRule of(String field) {
        return byName.isEmpty() ? null : byName.get(BsonText.folded(field));
    }

    /// The document without the fields that are dropped.
    BsonDocument visible(BsonDocument document) {
        if (!anyDropped) {
            return document;
        }
        BsonDocument visible = new BsonDocument();
        document.forEach((name, value) -> {
            if (of(name) != ColumnRule.DROP) {
                visible.append(name, value);
            }
        });
        return visible;
    }
}
