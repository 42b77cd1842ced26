package io.levada.ingest.files;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A value of MongoDB Extended JSON, canonical or relaxed, as version 2 of its specification has it and as
/// `mongoexport` wrote it before. What has no type in the lake, and what lies within documents and arrays, stays JSON
/// text.
final class ExtendedJson {
    private static final DateTimeFormatter INSTANT = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSSX");

    private ExtendedJson() {}

    /// @throws IllegalArgumentException where a value is not of the type that it says; the message names the type
    ///     only
    static JsonValue of(@Nullable JsonNode node) {
        if (node == null || !node.isObject() || node.isEmpty()) {
            return untyped(node);
        }
        String type = node.propertyNames().iterator().next();
        JsonNode value = node.get(type);
        if (!type.startsWith("$") || value == null || node.size() > (type.equals("$binary") ? 2 : 1)) {
            return untyped(node);
        }
        try {
            return switch (type) {
                case "$oid", "$symbol" -> JsonValue.text(value.stringValue());
                case "$numberInt", "$numberLong" -> JsonValue.integer(new BigInteger(value.stringValue()), true);
                case "$numberDouble" -> floating(value.stringValue());
                case "$numberDecimal" -> decimal(value.stringValue());
                case "$date" -> date(value);
                case "$uuid" -> JsonValue.of(value.stringValue(), Set.of(ColumnInference.Kind.UUID));
                case "$binary" -> binary(value, node.get("$type"));
                default -> untyped(node);
            };
        } catch (RuntimeException _) {
            throw new IllegalArgumentException("a value is not the " + type + " that it says");
        }
    }

    /// A number with a fraction is a double in BSON.
    private static JsonValue untyped(@Nullable JsonNode node) {
        if (node != null && node.isIntegralNumber()) {
            return JsonValue.integer(node.bigIntegerValue(), true);
        }
        return node != null && node.isNumber() ? floating(node.asString()) : JsonValue.plain(node);
    }

    private static JsonValue floating(String text) {
        double value = Double.parseDouble(text);
        return JsonValue.of(Double.toString(value), Set.of(ColumnInference.Kind.DOUBLE));
    }

    private static JsonValue decimal(String text) {
        boolean finite = text.chars().allMatch(c -> c >= '0' && c <= '9' || "+-.eE".indexOf(c) >= 0);
        return finite ? JsonValue.decimal(new BigDecimal(text)) : JsonValue.text(text);
    }

    private static JsonValue date(JsonNode value) {
        Instant instant;
        if (value.isString()) {
            instant = OffsetDateTime.parse(value.stringValue().replaceFirst("([+-]\\d\\d)(\\d\\d)$", "$1:$2"))
                    .toInstant();
        } else {
            long millis = value.isObject()
                    ? Long.parseLong(value.required("$numberLong").stringValue())
                    : value.longValue();
            instant = Instant.EPOCH.plus(millis, ChronoUnit.MILLIS);
        }
        return JsonValue.of(instantText(instant), Set.of(ColumnInference.Kind.TIMESTAMPTZ));
    }

    private static String instantText(Instant instant) {
        try {
            return INSTANT.format(instant.atOffset(ZoneOffset.UTC));
        } catch (DateTimeException _) {
            return instant.toString();
        }
    }

    private static JsonValue binary(JsonNode value, @Nullable JsonNode oldType) {
        String text = value.isObject() ? value.required("base64").stringValue() : value.stringValue();
        String subType = value.isObject()
                ? value.required("subType").stringValue()
                : oldType == null ? "00" : oldType.stringValue();
        byte[] bytes = Base64.getDecoder().decode(text);
        if (Integer.parseInt(subType, 16) == 4 && bytes.length == 16) {
            String hex = HexFormat.of().formatHex(bytes);
            String uuid = hex.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5");
            return JsonValue.of(uuid, Set.of(ColumnInference.Kind.UUID));
        }
        return JsonValue.of(text, Set.of(ColumnInference.Kind.BINARY));
    }
}
