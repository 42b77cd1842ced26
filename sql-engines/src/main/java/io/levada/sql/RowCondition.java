package io.levada.sql;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// What is true of all rows of a table that a statement can use, so that files without such rows need not be read. It
/// may be true of more.
///
/// Only comparisons that DuckDB and Iceberg understand alike count: of texts, whole numbers, dates and timestamps with
/// values that are written out in that type. All else is taken to be true.
public sealed interface RowCondition {
    /// True of every row.
    RowCondition ALL = new And(List.of());

    /// All parts are true.
    record And(List<RowCondition> parts) implements RowCondition {
        public And {
            parts = List.copyOf(parts);
        }
    }

    /// One of the parts is true.
    record Or(List<RowCondition> parts) implements RowCondition {
        public Or {
            parts = List.copyOf(parts);
        }
    }

    /// A column stands in this relation to a value, or to one of several.
    ///
    /// @param column as the statement writes it
    /// @param relation `EQ` where there are several values
    record Comparison(String column, Expression.Operation relation, List<Value> values) implements RowCondition {
        public Comparison {
            values = List.copyOf(values);
        }
    }

    /// What a column is compared with.
    sealed interface Value {
        /// A text in quotes, which takes the column's type.
        record Text(String text) implements Value {}

        /// A text that the statement casts to DATE or TIMESTAMP.
        record Time(String text) implements Value {}

        record Whole(long number) implements Value {}

        /// @param position from 0 on
        record Parameter(int position) implements Value {}

        /// All else.
        record Other() implements Value {}
    }

    /// The same, with values in place of parameters.
    ///
    /// @param values by position
    default RowCondition bind(IntFunction<? extends @Nullable Object> values) {
        return switch (this) {
            case And(List<RowCondition> parts) ->
                new And(parts.stream().map(part -> part.bind(values)).toList());
            case Or(List<RowCondition> parts) ->
                new Or(parts.stream().map(part -> part.bind(values)).toList());
            case Comparison(String column, Expression.Operation relation, List<Value> compared) ->
                new Comparison(
                        column,
                        relation,
                        compared.stream().map(value -> bound(value, values)).toList());
        };
    }

    private static Value bound(Value value, IntFunction<? extends @Nullable Object> values) {
        if (!(value instanceof Value.Parameter(int position))) {
            return value;
        }
        Object given = values.apply(position);
        return switch (given) {
            case String text -> new Value.Text(text);
            case Integer number -> new Value.Whole(number);
            case Long number -> new Value.Whole(number);
            case null, default -> new Value.Other();
        };
    }

    /// As Iceberg plans files by.
    default Expression in(Schema schema) {
        return switch (this) {
            case And(List<RowCondition> parts) ->
                parts.stream()
                        .map(part -> part.in(schema))
                        .reduce(Expressions::and)
                        .orElse(Expressions.alwaysTrue());
            case Or(List<RowCondition> parts) ->
                parts.stream()
                        .map(part -> part.in(schema))
                        .reduce(Expressions::or)
                        .orElse(Expressions.alwaysTrue());
            case Comparison(String column, Expression.Operation relation, List<Value> values) ->
                Columns.named(schema, column)
                        .flatMap(field -> Columns.comparison(field, relation, values))
                        .orElse(Expressions.alwaysTrue());
        };
    }

    /// What may be compared with a column.
    final class Columns {
        private static final Pattern DATE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");
        private static final Pattern TIMESTAMP =
                Pattern.compile("\\d{4}-\\d{2}-\\d{2}[ T]\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,6})?");

        private Columns() {}

        /// DuckDB's names have no case. A name that stands for several columns stands for none.
        private static Optional<Types.NestedField> named(Schema schema, String name) {
            List<Types.NestedField> fields = schema.columns().stream()
                    .filter(field -> field.name().equalsIgnoreCase(name))
                    .toList();
            if (fields.size() != 1) {
                return Optional.empty();
            }
            Types.NestedField found = schema.findField(fields.getFirst().name());
            return found != null && found.fieldId() == fields.getFirst().fieldId()
                    ? Optional.of(found)
                    : Optional.empty();
        }

        private static Optional<Expression> comparison(
                Types.NestedField field, Expression.Operation relation, List<Value> values) {
            List<Object> literals = new ArrayList<>();
            for (Value value : values) {
                Object literal = literal(field.type(), value);
                if (literal == null) {
                    return Optional.empty();
                }
                literals.add(literal);
            }
            return Optional.of(
                    literals.size() == 1
                            ? Expressions.predicate(relation, field.name(), literals.getFirst())
                            : Expressions.in(field.name(), literals));
        }

        /// As Iceberg takes it for a column of this type: a text, or a number, of a timestamp its microseconds since
        /// 1970.
        private static @Nullable Object literal(Type type, Value value) {
            return switch (type.typeId()) {
                case STRING -> value instanceof Value.Text(String text) ? text : null;
                case INTEGER, LONG -> value instanceof Value.Whole(long number) ? number : null;
                case DATE -> written(value).map(Columns::date).orElse(null);
                case TIMESTAMP -> written(value).map(Columns::microseconds).orElse(null);
                default -> null;
            };
        }

        private static Optional<String> written(Value value) {
            return switch (value) {
                case Value.Text(String text) -> Optional.of(text);
                case Value.Time(String text) -> Optional.of(text);
                default -> Optional.empty();
            };
        }

        private static @Nullable String date(String text) {
            try {
                return DATE.matcher(text).matches() ? LocalDate.parse(text).toString() : null;
            } catch (DateTimeException _) {
                // DuckDB says what is wrong with it.
                return null;
            }
        }

        /// Sessions are in UTC.
        private static @Nullable Long microseconds(String text) {
            try {
                LocalDateTime time;
                if (DATE.matcher(text).matches()) {
                    time = LocalDate.parse(text).atStartOfDay();
                } else if (TIMESTAMP.matcher(text).matches()) {
                    time = LocalDateTime.parse(text.replace(' ', 'T'));
                } else {
                    return null;
                }
                return ChronoUnit.MICROS.between(LocalDateTime.ofEpochSecond(0, 0, ZoneOffset.UTC), time);
            } catch (DateTimeException _) {
                // DuckDB says what is wrong with it.
                return null;
            }
        }
    }
}
