package io.levada.catalog.crawl;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;

/// The columns of many files as one: by name, upper and lower case alike, with the types that Iceberg can promote to
/// one another. Every column may be NULL, as not every file has it.
///
/// Ids are of no meaning here: the catalog gives them.
final class MergedColumns {
    private static final int ANY_ID = 1;

    private final Map<String, Types.NestedField> columns = new LinkedHashMap<>();
    private final Map<String, Set<String>> spellings = new LinkedHashMap<>();

    /// Two types of a column that can not be one.
    record Conflict(String column, Type known, Type found) {}

    /// Takes the columns in, or none of them where one is in conflict.
    ///
    /// @return what stands against them
    List<Conflict> add(List<Types.NestedField> fields) {
        Map<String, Types.NestedField> next = new LinkedHashMap<>();
        List<Conflict> conflicts = new ArrayList<>();
        for (Types.NestedField field : fields) {
            String key = lower(field.name());
            Types.NestedField known = columns.get(key);
            if (known == null) {
                next.put(key, optional(field.name(), field.type()));
                continue;
            }
            merged(known.type(), field.type())
                    .ifPresentOrElse(
                            type -> next.put(key, optional(known.name(), type)),
                            () -> conflicts.add(new Conflict(known.name(), known.type(), field.type())));
        }
        if (conflicts.isEmpty()) {
            columns.putAll(next);
            fields.forEach(field -> spellings
                    .computeIfAbsent(lower(field.name()), _ -> new LinkedHashSet<>())
                    .add(field.name()));
        }
        return conflicts;
    }

    /// In the order in which they were met.
    Schema schema() {
        int[] next = {0};
        return new Schema(TypeUtil.assignFreshIds(
                        Types.StructType.of(numbered(columns.values().stream().toList())), () -> ++next[0])
                .asStructType()
                .fields());
    }

    /// All spellings of a column's name in the files.
    Set<String> spellings(String column) {
        return spellings.getOrDefault(lower(column), Set.of());
    }

    /// A type that holds the values of both, as Iceberg promotes them; empty where there is none.
    static Optional<Type> merged(Type one, Type other) {
        if (one.isPrimitiveType() && other.isPrimitiveType()) {
            if (TypeUtil.isPromotionAllowed(one, other.asPrimitiveType())) {
                return Optional.of(other);
            }
            return TypeUtil.isPromotionAllowed(other, one.asPrimitiveType()) ? Optional.of(one) : Optional.empty();
        }
        if (one.isStructType() && other.isStructType()) {
            MergedColumns fields = new MergedColumns();
            boolean fit = fields.add(one.asStructType().fields()).isEmpty()
                    && fields.add(other.asStructType().fields()).isEmpty();
            return fit
                    ? Optional.of(Types.StructType.of(
                            numbered(fields.columns.values().stream().toList())))
                    : Optional.empty();
        }
        if (one.isListType() && other.isListType()) {
            return merged(one.asListType().elementType(), other.asListType().elementType())
                    .map(element -> Types.ListType.ofOptional(ANY_ID, element));
        }
        if (one.isMapType() && other.isMapType()) {
            return merged(one.asMapType().keyType(), other.asMapType().keyType())
                    .flatMap(key -> merged(
                                    one.asMapType().valueType(),
                                    other.asMapType().valueType())
                            .map(value -> Types.MapType.ofOptional(ANY_ID, ANY_ID + 1, key, value)));
        }
        return Optional.empty();
    }

    private static List<Types.NestedField> numbered(List<Types.NestedField> fields) {
        List<Types.NestedField> numbered = new ArrayList<>();
        for (Types.NestedField field : fields) {
            numbered.add(Types.NestedField.optional(numbered.size() + 1, field.name(), field.type()));
        }
        return numbered;
    }

    private static Types.NestedField optional(String name, Type type) {
        return Types.NestedField.optional(ANY_ID, name, type);
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
