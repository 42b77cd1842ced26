package io.levada.sql;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Times as SQL writes them: `2026-11-21`, `2026-11-21 10:00:00.5`, with `Z`, `+02`, `+02:00` or the name of a zone
/// behind. Without a zone it is UTC; a date is its first moment.
final class AsOfTime {
    private static final DateTimeFormatter FORMAT = new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .optionalStart()
            .appendPattern("['T'][ ]HH:mm")
            .optionalStart()
            .appendPattern(":ss")
            .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
            .optionalEnd()
            .optionalEnd()
            .appendPattern("[ ]")
            .optionalStart()
            .appendOffset("+HH:mm", "Z")
            .optionalEnd()
            .optionalStart()
            .appendOffset("+HHmm", "Z")
            .optionalEnd()
            .optionalStart()
            .appendZoneRegionId()
            .optionalEnd()
            .toFormatter(Locale.ROOT)
            .withResolverStyle(ResolverStyle.STRICT);

    private AsOfTime() {}

    /// @throws QueryException [SqlError#AS_OF] where the text is no time
    static Instant parse(String text) {
        try {
            TemporalAccessor parsed =
                    FORMAT.parseBest(text.strip(), ZonedDateTime::from, LocalDateTime::from, LocalDate::from);
            return switch (parsed) {
                case ZonedDateTime zoned -> zoned.toInstant();
                case LocalDateTime local -> local.toInstant(ZoneOffset.UTC);
                default -> startOfDay(LocalDate.from(parsed), FORMAT.parse(text.strip()), text);
            };
        } catch (DateTimeParseException e) {
            throw notATime(text, e);
        }
    }

    private static Instant startOfDay(LocalDate date, TemporalAccessor whole, String text) {
        if (whole.query(TemporalQueries.zone()) != null) {
            throw notATime(text, null);
        }
        return date.atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    private static QueryException notATime(String text, @Nullable Exception cause) {
        return new QueryException(
                SqlError.AS_OF,
                "'" + text + "' is not a time such as 2026-11-21 10:00:00 or 2026-11-21T10:00:00+02:00",
                cause);
    }
}
