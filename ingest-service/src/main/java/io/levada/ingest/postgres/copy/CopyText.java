package io.levada.ingest.postgres.copy;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Fields of COPY's binary format as PostgreSQL writes them, for rows that the lake can not hold.
final class CopyText {
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final long MICROS_PER_DAY = 86_400 * MICROS_PER_SECOND;
    private static final LocalDate FIRST_DAY = LocalDate.of(2000, 1, 1);
    private static final DateTimeFormatter TIME = new DateTimeFormatterBuilder()
            .appendPattern("HH:mm:ss")
            .appendFraction(ChronoField.MICRO_OF_SECOND, 0, 6, true)
            .toFormatter(java.util.Locale.ROOT);

    private CopyText() {}

    /// The text of a field that was split and not decoded; null for NULL.
    static @Nullable String of(CopyColumn column, CopyRow row, int i) {
        return row.isNull(i) ? null : of(column, row.bytes, row.starts[i], row.lengths[i]);
    }

    private static String of(CopyColumn column, byte[] bytes, int at, int length) {
        return switch (column.kind()) {
            case BOOL -> bytes[at] == 0 ? "f" : "t";
            case INT2 -> Integer.toString(CopyRow.int16(bytes, at));
            case INT4 -> Integer.toString(CopyRow.int32(bytes, at));
            case INT8 -> Long.toString(CopyRow.int64(bytes, at));
            case OID -> Integer.toUnsignedString(CopyRow.int32(bytes, at));
            case FLOAT4 -> withoutFraction(Float.toString(Float.intBitsToFloat(CopyRow.int32(bytes, at))));
            case FLOAT8 -> withoutFraction(Double.toString(Double.longBitsToDouble(CopyRow.int64(bytes, at))));
            case NUMERIC -> CopyNumeric.text(bytes, at);
            case DATE -> date(CopyRow.int32(bytes, at));
            case TIME -> time(CopyRow.int64(bytes, at));
            case TIMESTAMP -> timestamp(CopyRow.int64(bytes, at), "");
            case TIMESTAMPTZ -> timestamp(CopyRow.int64(bytes, at), "+00");
            case UUID -> CopyColumn.uuid(bytes, at).toString();
            case JSONB -> CopyColumn.utf8(bytes, at + 1, length - 1);
            case ARRAY -> array(Objects.requireNonNull(column.element()), bytes, at);
            case BYTES ->
                column.type().typeId() == org.apache.iceberg.types.Type.TypeID.BINARY
                        ? "\\x" + HexFormat.of().formatHex(bytes, at, at + length)
                        : CopyColumn.utf8(bytes, at, length);
            case RULED -> column.ruled(bytes, at, length);
            case PARSED -> CopyColumn.utf8(bytes, at, length);
        };
    }

    private static String withoutFraction(String number) {
        return number.endsWith(".0") ? number.substring(0, number.length() - 2) : number;
    }

    private static String date(int day) {
        return switch (day) {
            case Integer.MAX_VALUE -> "infinity";
            case Integer.MIN_VALUE -> "-infinity";
            default -> {
                LocalDate date = FIRST_DAY.plusDays(day);
                yield day(date) + era(date);
            }
        };
    }

    private static String day(LocalDate date) {
        int year = date.getYear() > 0 ? date.getYear() : 1 - date.getYear();
        return "%04d-%02d-%02d".formatted(year, date.getMonthValue(), date.getDayOfMonth());
    }

    private static String era(LocalDate date) {
        return date.getYear() > 0 ? "" : " BC";
    }

    private static String time(long micros) {
        return micros >= MICROS_PER_DAY ? "24:00:00" : TIME.format(LocalTime.ofNanoOfDay(micros * 1_000));
    }

    private static String timestamp(long micros, String zone) {
        if (micros == Long.MAX_VALUE) {
            return "infinity";
        }
        if (micros == Long.MIN_VALUE) {
            return "-infinity";
        }
        LocalDateTime value = FIRST_DAY
                .atStartOfDay()
                .plusSeconds(Math.floorDiv(micros, MICROS_PER_SECOND))
                .plusNanos(Math.floorMod(micros, MICROS_PER_SECOND) * 1_000);
        LocalDate date = value.atOffset(ZoneOffset.UTC).toLocalDate();
        return day(date) + " " + TIME.format(value) + zone + era(date);
    }

    private static String array(CopyColumn element, byte[] bytes, int at) {
        CopyArray array = CopyArray.read(bytes, at);
        StringBuilder text = new StringBuilder();
        if (!array.isPlain()) {
            boolean shifted = false;
            for (int i = 0; i < array.dimensions(); i++) {
                shifted |= CopyArray.first(bytes, at, i) != 1;
            }
            for (int i = 0; shifted && i < array.dimensions(); i++) {
                int first = CopyArray.first(bytes, at, i);
                text.append('[')
                        .append(first)
                        .append(':')
                        .append(first + CopyArray.length(bytes, at, i) - 1)
                        .append(']');
            }
            text.append(shifted ? "=" : "");
        }
        if (array.elements() == 0) {
            return text.append("{}").toString();
        }
        int[] next = {array.start()};
        dimension(element, bytes, at, array.dimensions(), 0, next, text);
        return text.toString();
    }

    private static void dimension(
            CopyColumn element, byte[] bytes, int at, int dimensions, int dimension, int[] next, StringBuilder text) {
        text.append('{');
        for (int i = 0; i < CopyArray.length(bytes, at, dimension); i++) {
            text.append(i == 0 ? "" : ",");
            if (dimension + 1 < dimensions) {
                dimension(element, bytes, at, dimensions, dimension + 1, next, text);
            } else {
                int length = CopyRow.int32(bytes, next[0]);
                next[0] += Integer.BYTES;
                text.append(length < 0 ? "NULL" : quoted(of(element, bytes, next[0], length)));
                next[0] += Math.max(0, length);
            }
        }
        text.append('}');
    }

    private static String quoted(String item) {
        boolean plain = !item.isEmpty()
                && !item.equalsIgnoreCase("NULL")
                && item.chars().noneMatch(c -> c == '"' || c == '\\' || c == '{' || c == '}' || c == ',' || c <= ' ');
        return plain ? item : '"' + item.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
