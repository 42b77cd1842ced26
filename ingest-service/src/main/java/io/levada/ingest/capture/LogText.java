package io.levada.ingest.capture;

import io.debezium.connector.postgresql.PostgresValueConverter;
import io.debezium.connector.postgresql.UnchangedToastedReplicationMessageColumn;
import io.debezium.data.SpecialValueDecimal;
import io.debezium.spi.converter.CustomConverter;
import io.debezium.spi.converter.RelationalColumn;
import java.math.BigDecimal;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Properties;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.Oid;

/// Takes the types whose values Debezium would change or replace by NULL, and hands them over as text: numbers,
/// which may be NaN; timestamps, which may be infinite or beyond 64 bits of microseconds; arrays, which may have
/// several dimensions.
///
/// A number is as PostgreSQL writes it, and so is an array. A timestamp is a number of microseconds since 1970, and
/// text of
/// another form where it is none. The engine makes the converter itself, by its class name.
public final class LogText implements CustomConverter<SchemaBuilder, RelationalColumn> {
    /// The property that holds what stands for a value that PostgreSQL did not send.
    static final String UNAVAILABLE = "unavailable";

    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final String INFINITY = "infinity";
    private static final String NEGATIVE_INFINITY = "-infinity";

    private String unavailable = "";

    @Override
    public void configure(Properties settings) {
        unavailable = settings.getProperty(UNAVAILABLE, "");
    }

    @Override
    public void converterFor(RelationalColumn column, ConverterRegistration<SchemaBuilder> registration) {
        boolean array = column.jdbcType() == Types.ARRAY || column.typeName().startsWith("_");
        if (array || isTaken(column.nativeType())) {
            // A delete has no values but those of the key, in columns that are NOT NULL too; the engine itself makes
            // the schema of a column that may be NULL optional, and that can be said only once.
            SchemaBuilder schema = SchemaBuilder.string();
            registration.register(column.isOptional() ? schema : schema.optional(), this::text);
        }
    }

    private static boolean isTaken(int oid) {
        return oid == Oid.NUMERIC || oid == Oid.TIMESTAMP || oid == Oid.TIMESTAMPTZ;
    }

    @Nullable
    String text(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case Object object
            when UnchangedToastedReplicationMessageColumn.isUnchangedToastedValue(object) -> unavailable;
            case SpecialValueDecimal number ->
                number.getDecimalValue().map(BigDecimal::toPlainString).orElseGet(() -> special(number));
            case BigDecimal number -> number.toPlainString();
            case Instant instant when instant.equals(PostgresValueConverter.POSITIVE_INFINITY_INSTANT) -> INFINITY;
            case Instant instant
            when instant.equals(PostgresValueConverter.NEGATIVE_INFINITY_INSTANT) -> NEGATIVE_INFINITY;
            case Instant instant -> micros(instant);
            case OffsetDateTime time
            when time.equals(PostgresValueConverter.POSITIVE_INFINITY_OFFSET_DATE_TIME) -> INFINITY;
            case OffsetDateTime time
            when time.equals(PostgresValueConverter.NEGATIVE_INFINITY_OFFSET_DATE_TIME) -> NEGATIVE_INFINITY;
            case OffsetDateTime time -> micros(time.toInstant());
            default -> value.toString();
        };
    }

    private static String special(SpecialValueDecimal number) {
        if (number.equals(SpecialValueDecimal.NOT_A_NUMBER)) {
            return PostgresValueConverter.N_A_N;
        }
        return number.equals(SpecialValueDecimal.POSITIVE_INF)
                ? PostgresValueConverter.POSITIVE_INFINITY
                : PostgresValueConverter.NEGATIVE_INFINITY;
    }

    private static String micros(Instant instant) {
        try {
            return Long.toString(Math.addExact(
                    Math.multiplyExact(instant.getEpochSecond(), MICROS_PER_SECOND), instant.getNano() / 1_000));
        } catch (ArithmeticException _) {
            return instant.toString();
        }
    }
}
