package io.levada.catalog.erasure;

import io.levada.catalog.CatalogError;
import io.levada.catalog.maintenance.MaintenanceException;
import io.levada.events.RawColumns;
import io.levada.events.TableProperties;
import io.levada.sql.DuckDbTypes;
import io.levada.sql.LakeSession;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// The values that rows are found by: those of the key columns, or of any columns where the table has no key.
///
/// @param values as text, by column, in the order of the key
record ErasureKey(Map<String, String> values) {
    ErasureKey {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /// Reads `value`, where the key has one column, or `column=value` for each.
    ///
    /// @throws MaintenanceException `ERASURE_KEY`
    static ErasureKey of(Table table, String name, List<String> words) {
        List<String> columns = columns(table);
        Map<String, String> values = new LinkedHashMap<>();
        String only = columns.size() == 1 ? columns.getFirst() : null;
        if (only != null && words.size() == 1 && !words.getFirst().startsWith(only + "=")) {
            values.put(only, words.getFirst());
        } else {
            for (String word : words) {
                int equals = word.indexOf('=');
                values.put(word.substring(0, Math.max(0, equals)), word.substring(equals + 1));
            }
        }
        if (values.isEmpty()
                || values.containsKey("")
                || !columns.isEmpty() && !values.keySet().equals(Set.copyOf(columns))) {
            throw refused(
                    columns.isEmpty()
                            ? name + " has no key: give `column=value` for each column that the rows are found by"
                            : "The key of " + name + " is " + String.join(", ", columns)
                                    + ": give `column=value` for each of them");
        }
        Map<String, String> ordered = new LinkedHashMap<>();
        (columns.isEmpty() ? List.copyOf(values.keySet()) : columns)
                .forEach(column -> ordered.put(column, String.valueOf(values.get(column))));
        ordered.replaceAll((column, value) -> fitting(table.schema(), name, column, value));
        return new ErasureKey(ordered);
    }

    /// The columns of a raw table's key; none where it has none.
    static List<String> columns(Table table) {
        String key = table.properties().get(TableProperties.KEY);
        return key == null ? List.of() : List.of(JsonMapper.shared().readValue(key, String[].class));
    }

    /// The value as the column's values are written: `042` is the key 42.
    private static String fitting(Schema schema, String table, String column, String value) {
        Types.NestedField field = schema.asStruct().field(column);
        if (field == null || RawColumns.ALL.contains(column)) {
            throw refused(table + " has no column " + column);
        }
        boolean findable = switch (field.type().typeId()) {
            case BOOLEAN, INTEGER, LONG, DATE, TIME, TIMESTAMP, STRING, UUID, DECIMAL -> true;
            default -> false;
        };
        if (!findable) {
            throw refused("Rows can not be found by column " + column + " of type " + field.type());
        }
        try {
            Object literal = literal(field.type(), value);
            return switch (literal) {
                case null -> value;
                case BigDecimal decimal -> decimal.toPlainString();
                default -> literal.toString();
            };
        } catch (IllegalArgumentException | ArithmeticException | DateTimeException _) {
            throw refused("`" + value + "` is no " + field.type() + ", which column " + column + " is");
        }
    }

    private static MaintenanceException refused(String message) {
        return new MaintenanceException(CatalogError.ERASURE_KEY, message, null);
    }

    /// The value as Iceberg compares it with the bounds of files; null of a type whose bounds are not compared.
    private static @Nullable Object literal(Type type, String text) {
        return switch (type.typeId()) {
            case INTEGER -> Integer.valueOf(text);
            case LONG -> Long.valueOf(text);
            case STRING -> text;
            case UUID -> UUID.fromString(text).toString();
            case DATE -> LocalDate.parse(text).toString();
            case DECIMAL -> new BigDecimal(text).setScale(((Types.DecimalType) type).scale());
            default -> null;
        };
    }

    /// The same columns with other values.
    ///
    /// @param texts in the order of the columns
    ErasureKey with(List<String> texts) {
        Map<String, String> other = new LinkedHashMap<>();
        int index = 0;
        for (String column : values.keySet()) {
            other.put(column, texts.get(index++));
        }
        return new ErasureKey(other);
    }

    /// True of files that may hold a row of this key, or one that had it before.
    Expression filesTouching(Schema schema) {
        Types.NestedField old = schema.asStruct().field(RawColumns.OLD_KEY);
        return old == null
                ? files(schema)
                : Expressions.or(files(schema), files(old.type().asStructType(), RawColumns.OLD_KEY + "."));
    }

    /// True of files that may hold a row of this key.
    Expression files(Schema schema) {
        return files(schema.asStruct(), "");
    }

    private Expression files(Types.StructType columns, String prefix) {
        Expression all = Expressions.alwaysTrue();
        for (Map.Entry<String, String> value : values.entrySet()) {
            Object literal = literal(columns.field(value.getKey()).type(), value.getValue());
            if (literal != null) {
                all = Expressions.and(all, Expressions.equal(prefix + value.getKey(), literal));
            }
        }
        return all;
    }

    /// An SQL predicate that is true of rows of this key.
    ///
    /// @param prefix of column names, such as `"_old_key".`
    String rows(Schema schema, String prefix) {
        return values.entrySet().stream()
                .map(value -> "%s%s = CAST(%s AS %s)"
                        .formatted(
                                prefix,
                                LakeSession.quoted(value.getKey()),
                                LakeSession.literal(value.getValue()),
                                DuckDbTypes.of(
                                        schema.asStruct().field(value.getKey()).type())))
                .collect(Collectors.joining(" AND ", "(", ")"));
    }
}
