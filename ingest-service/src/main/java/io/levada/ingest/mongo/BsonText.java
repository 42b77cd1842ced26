package io.levada.ingest.mongo;

import java.util.Locale;
import java.util.regex.Pattern;
import org.bson.BsonBinary;
import org.bson.BsonBinarySubType;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.bson.UuidRepresentation;
import org.bson.json.JsonMode;
import org.bson.json.JsonWriterSettings;

/// BSON values as text.
final class BsonText {
    private static final JsonWriterSettings CANONICAL =
            JsonWriterSettings.builder().outputMode(JsonMode.EXTENDED).build();
    private static final JsonWriterSettings RELAXED =
            JsonWriterSettings.builder().outputMode(JsonMode.RELAXED).build();
    private static final String BEFORE_VALUE = "{\"v\": ";
    private static final String AFTER_VALUE = "}";
    private static final int UUID_BYTES = 16;

    /// A text that another kind of value, or a text in quotes, may be written as.
    private static final Pattern AMBIGUOUS = Pattern.compile("[\"{\\[].*|true|false|null|undefined", Pattern.DOTALL);

    private BsonText() {}

    /// Canonical Extended JSON, which says every value with its type.
    static String canonical(BsonValue value) {
        return json(value, CANONICAL);
    }

    /// Relaxed Extended JSON: numbers and dates are easy to read; whether an integer has 32 or 64 bits is not said.
    static String relaxed(BsonValue value) {
        return json(value, RELAXED);
    }

    private static String json(BsonValue value, JsonWriterSettings settings) {
        if (value instanceof BsonDocument document) {
            return document.toJson(settings);
        }
        String text = new BsonDocument("v", value).toJson(settings);
        return text.substring(BEFORE_VALUE.length(), text.length() - AFTER_VALUE.length());
    }

    /// The text that stands for an `_id`: two documents of a collection never share it.
    ///
    /// @param plain the kind whose values stand as they are: hexadecimal digits, a text, digits; all others are
    ///     canonical Extended JSON
    static String id(BsonValue id, BsonKind plain) {
        if (plain == BsonKind.LONG && (id.isInt32() || id.isInt64())) {
            return Long.toString(id.asNumber().longValue());
        }
        if (BsonKind.of(id) != plain) {
            return canonical(id);
        }
        return switch (plain) {
            case OBJECT_ID -> id.asObjectId().getValue().toHexString();
            case UUID -> uuid(id.asBinary()).toString();
            case STRING ->
                AMBIGUOUS.matcher(id.asString().getValue()).matches()
                        ? canonical(id)
                        : id.asString().getValue();
            default -> canonical(id);
        };
    }

    /// The text to which a rule is applied, the same in load and stream.
    static String plain(BsonValue value) {
        return switch (BsonKind.of(value)) {
            case STRING -> value.isString() ? value.asString().getValue() : relaxed(value);
            case OBJECT_ID -> value.asObjectId().getValue().toHexString();
            case UUID -> uuid(value.asBinary()).toString();
            case DECIMAL -> value.asDecimal128().getValue().toString();
            default -> relaxed(value);
        };
    }

    static boolean isUuid(BsonBinary binary) {
        return binary.getType() == BsonBinarySubType.UUID_STANDARD.getValue() && binary.getData().length == UUID_BYTES;
    }

    static java.util.UUID uuid(BsonBinary binary) {
        return binary.asUuid(UuidRepresentation.STANDARD);
    }

    /// Names that the lake takes for one.
    static String folded(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
