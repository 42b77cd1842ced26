package io.levada.ingest.files;

import io.levada.sql.DuckDbTypes;
import java.util.Optional;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// How a text is read as a value of a type, in DuckDB's SQL: which texts hold a value of it without loss, and the
/// value.
///
/// What a form accepts is written out here and never left to a cast, since casts round and guess.
///
/// @param fits a condition on a text that is not NULL; empty where every text fits
/// @param value the value of a text that fits; of another it is NULL or has no meaning, but does not fail
record ValueForm(String fits, String value) {
    private static final String DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
    private static final String TIME_OF_DAY = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?";
    private static final String INTEGER = "-?(0|[1-9][0-9]*)";
    private static final String DECIMAL = "-?((0|[1-9][0-9]*)(\\.[0-9]+)?|\\.[0-9]+)";
    private static final String FLOATING = "[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?";
    private static final String UUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
    private static final String BASE64 = "([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?";
    private static final String OFFSET = "(Z|[+-](0[0-9]|1[0-7]):[0-5][0-9]|[+-]18:00)";

    /// @param text an SQL expression
    /// @param lenient whether outer blanks, a plus sign and leading zeros are passed over, as where the definition
    ///     names the type
    /// @return empty for a type that no text is read as
    static Optional<ValueForm> of(Type type, String text, boolean lenient) {
        if (type instanceof Types.StringType) {
            return Optional.of(new ValueForm("", text));
        }
        String stripped = lenient ? "trim(" + text + ", ' ')" : text;
        String number = lenient
                ? "regexp_replace(regexp_replace(" + stripped + ", '^\\+', ''), '^(-?)0+([0-9])', '\\1\\2')"
                : text;
        return switch (type) {
            case Types.BooleanType _ ->
                Optional.of(new ValueForm(
                        "lower(" + stripped + ") IN ('true', 'false')", "lower(" + stripped + ") = 'true'"));
            case Types.IntegerType _, Types.LongType _ -> Optional.of(formed(INTEGER, number, type));
            case Types.DecimalType decimal -> Optional.of(decimal(decimal, number));
            case Types.FloatType _, Types.DoubleType _ -> Optional.of(floating(number, type));
            case Types.DateType _ -> Optional.of(dated(DAY, stripped, type));
            case Types.TimeType _ -> Optional.of(formed(TIME_OF_DAY, stripped, type));
            case Types.TimestampType timestamp ->
                Optional.of(dated(
                        DAY + "[T ]" + TIME_OF_DAY + (timestamp.shouldAdjustToUTC() ? OFFSET : ""), stripped, type));
            case Types.UUIDType _ -> Optional.of(formed(UUID, stripped, type));
            case Types.BinaryType _ ->
                Optional.of(new ValueForm(
                        matches(BASE64, text),
                        "CASE WHEN " + matches(BASE64, text) + " THEN from_base64(" + text + ") END"));
            default -> Optional.empty();
        };
    }

    private static String matches(String pattern, String text) {
        return "regexp_full_match(" + text + ", '" + pattern + "')";
    }

    private static String cast(String text, Type type) {
        return "TRY_CAST(" + text + " AS " + DuckDbTypes.of(type) + ")";
    }

    private static ValueForm formed(String pattern, String text, Type type) {
        String value = cast(text, type);
        return new ValueForm(matches(pattern, text) + " AND " + value + " IS NOT NULL", value);
    }

    private static ValueForm dated(String pattern, String text, Type type) {
        ValueForm form = formed(pattern, text, type);
        return new ValueForm(text + " >= '0001' AND " + form.fits, form.value);
    }

    /// Digits beyond the scale must be zeros.
    private static ValueForm decimal(Types.DecimalType type, String text) {
        ValueForm form = formed(DECIMAL, text, type);
        return new ValueForm(
                form.fits + " AND length(rtrim(split_part(" + text + ", '.', 2), '0')) <= " + type.scale(), form.value);
    }

    private static ValueForm floating(String text, Type type) {
        String value = cast(text, type);
        return new ValueForm(
                "(" + text + " IN ('NaN', 'Infinity', '-Infinity') OR " + matches(FLOATING, text) + " AND isfinite("
                        + value + "))",
                value);
    }

    /// A text's condition for one of the kinds that are inferred.
    static String inferred(ColumnInference.Kind kind, String text) {
        return switch (kind) {
            case BOOLEAN -> "lower(" + text + ") IN ('true', 'false')";
            case LONG -> formed(INTEGER, text, Types.LongType.get()).fits;
            case DECIMAL -> matches(DECIMAL, text);
            case DATE -> dated(DAY, text, Types.DateType.get()).fits;
            case TIMESTAMP -> dated(DAY + "[T ]" + TIME_OF_DAY, text, Types.TimestampType.withoutZone()).fits;
            case TIMESTAMPTZ -> dated(DAY + "[T ]" + TIME_OF_DAY + "Z", text, Types.TimestampType.withZone()).fits;
            case DOUBLE, UUID, BINARY -> "false";
        };
    }
}
