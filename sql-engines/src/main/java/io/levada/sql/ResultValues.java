package io.levada.sql;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Array;
import java.sql.Blob;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.duckdb.DuckDBStruct;
import org.jspecify.annotations.Nullable;

/// DuckDB's values as results carry them: what JSON has (numbers with all their digits, strings,
/// booleans, null, lists, maps with string keys), and ISO-8601 text, base64 or DuckDB's own text
/// for everything else.
final class ResultValues {
    /// DuckDB keeps infinity as the outermost values of its range.
    private static final LocalDateTime TIMESTAMP_INFINITY = LocalDateTime.parse("+294247-01-10T04:00:54.775807");

    private static final LocalDateTime TIMESTAMP_MINUS_INFINITY = LocalDateTime.parse("-290308-12-21T19:59:05.224193");
    private static final LocalDate DATE_INFINITY = LocalDate.of(5881580, 7, 11);
    private static final LocalDate DATE_MINUS_INFINITY = LocalDate.of(-5877641, 6, 24);

    private ResultValues() {}

    /// The value of a column of the current row.
    static @Nullable Object of(ResultSet row, int column, String type) throws SQLException {
        if (type.startsWith("TIMESTAMP") && !type.endsWith("]") && !type.contains("TZ") && !type.contains("ZONE")) {
            // java.sql.Timestamp goes through the JVM's time zone
            LocalDateTime timestamp = row.getObject(column, LocalDateTime.class);
            return timestamp == null ? null : timestamp(timestamp);
        }
        if (type.equals("BIGNUM")) {
            Object value = row.getObject(column);
            return value == null ? null : new BigInteger(value.toString());
        }
        try {
            return convert(row.getObject(column));
        } catch (DateTimeException e) {
            if (type.startsWith("TIME")) {
                return "24:00:00";
            }
            throw e;
        }
    }

    private static @Nullable Object convert(@Nullable Object value) throws SQLException {
        return switch (value) {
            case null -> null;
            case Boolean b -> b;
            case Float f -> Float.isFinite(f) ? f : (Object) f.toString();
            case Double d -> Double.isFinite(d) ? d : (Object) d.toString();
            case Number number -> number;
            case String string -> string;
            case LocalDate date -> date(date);
            case LocalTime time -> DateTimeFormatter.ISO_LOCAL_TIME.format(time);
            case OffsetTime time -> DateTimeFormatter.ISO_OFFSET_TIME.format(time);
            case LocalDateTime timestamp -> timestamp(timestamp);
            case Timestamp timestamp -> timestamp(timestamp.toLocalDateTime());
            case OffsetDateTime timestamp -> zoned(timestamp);
            case Blob blob -> base64(blob);
            case byte[] bytes -> Base64.getEncoder().encodeToString(bytes);
            case Array array -> list((Object[]) array.getArray());
            case DuckDBStruct struct -> map(struct.getMap());
            case Map<?, ?> map -> map(map);
            default -> value.toString();
        };
    }

    private static String date(LocalDate date) {
        if (date.equals(DATE_INFINITY)) {
            return "infinity";
        }
        return date.equals(DATE_MINUS_INFINITY) ? "-infinity" : date.toString();
    }

    private static String timestamp(LocalDateTime timestamp) {
        if (timestamp.equals(TIMESTAMP_INFINITY)) {
            return "infinity";
        }
        return timestamp.equals(TIMESTAMP_MINUS_INFINITY)
                ? "-infinity"
                : DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(timestamp);
    }

    private static String zoned(OffsetDateTime timestamp) {
        String text = timestamp(timestamp.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime());
        return text.endsWith("infinity") ? text : text + "Z";
    }

    private static String base64(Blob blob) throws SQLException {
        try {
            return Base64.getEncoder().encodeToString(blob.getBinaryStream().readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<@Nullable Object> list(@Nullable Object[] elements) throws SQLException {
        List<@Nullable Object> list = new ArrayList<>(elements.length);
        for (Object element : elements) {
            list.add(convert(element));
        }
        return list;
    }

    private static Map<String, @Nullable Object> map(Map<?, ?> entries) throws SQLException {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : entries.entrySet()) {
            map.put(String.valueOf(convert(entry.getKey())), convert(entry.getValue()));
        }
        return map;
    }

    /// About how much memory a value takes.
    static long bytes(@Nullable Object value) {
        return switch (value) {
            case null -> 8;
            case String string -> 48 + 2L * string.length();
            case BigDecimal decimal -> 64 + decimal.unscaledValue().bitLength() / 8;
            case List<?> list ->
                48 + list.stream().mapToLong(ResultValues::bytes).sum();
            case Map<?, ?> map ->
                64
                        + map.entrySet().stream()
                                .mapToLong(entry -> 48 + bytes(entry.getKey()) + bytes(entry.getValue()))
                                .sum();
            default -> 24;
        };
    }
}
