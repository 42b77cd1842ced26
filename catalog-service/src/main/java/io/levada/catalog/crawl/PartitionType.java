package io.levada.catalog.crawl;

import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// Types of partition values: the narrowest of int, long, date and string from which every value can be written again
/// as it stands in the folder's name. `01` is a string.
final class PartitionType {
    private static final Pattern WHOLE = Pattern.compile("0|-?[1-9][0-9]{0,18}");
    private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");
    private static final List<Type> NARROWEST_FIRST =
            List.of(Types.IntegerType.get(), Types.LongType.get(), Types.DateType.get());

    private PartitionType() {}

    /// @param values without those that are null
    static Type of(Collection<String> values) {
        if (values.isEmpty()) {
            return Types.StringType.get();
        }
        return NARROWEST_FIRST.stream()
                .filter(type -> values.stream().allMatch(fits(type)))
                .findFirst()
                .orElseGet(Types.StringType::get);
    }

    private static Predicate<String> fits(Type type) {
        return value -> value(type, value).isPresent();
    }

    /// The value as Iceberg keeps it; empty where the text is none of the type.
    static Optional<Object> value(Type type, String text) {
        return switch (type.typeId()) {
            case INTEGER ->
                whole(text).filter(number -> number == number.intValue()).map(Long::intValue);
            case LONG -> whole(text).map(number -> number);
            case DATE -> date(text);
            case STRING -> Optional.of(text);
            default -> Optional.empty();
        };
    }

    private static Optional<Long> whole(String text) {
        try {
            return WHOLE.matcher(text).matches() ? Optional.of(Long.valueOf(text)) : Optional.empty();
        } catch (NumberFormatException _) {
            return Optional.empty();
        }
    }

    private static Optional<Object> date(String text) {
        try {
            return DATE.matcher(text).matches()
                    ? Optional.of((int) LocalDate.parse(text).toEpochDay())
                    : Optional.empty();
        } catch (DateTimeParseException _) {
            return Optional.empty();
        }
    }
}
