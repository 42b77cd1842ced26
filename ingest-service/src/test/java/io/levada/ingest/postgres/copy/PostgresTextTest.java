package io.levada.ingest.postgres.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PostgresTextTest {
    private static final Type DATES = Types.ListType.ofOptional(1, Types.DateType.get());

    @Test
    void readsDatesOfEveryEra() {
        assertThat(PostgresText.value("2024-02-29", Types.DateType.get())).isEqualTo(LocalDate.of(2024, 2, 29));
        assertThat(PostgresText.value("12345-01-02", Types.DateType.get())).isEqualTo(LocalDate.of(12345, 1, 2));
        assertThat(PostgresText.value("5874897-12-31", Types.DateType.get())).isEqualTo(LocalDate.of(5874897, 12, 31));
        assertThat(PostgresText.value("0044-03-15 BC", Types.DateType.get())).isEqualTo(LocalDate.of(-43, 3, 15));
        assertThat(PostgresText.value("{2024-02-29,NULL,\"0001-01-01 BC\"}", DATES))
                .isEqualTo(Arrays.asList(LocalDate.of(2024, 2, 29), null, LocalDate.of(0, 1, 1)));
    }

    @Test
    void readsTimestampsOfEveryEra() {
        Type plain = Types.TimestampType.withoutZone();
        Type zoned = Types.TimestampType.withZone();
        LocalDateTime ides = LocalDateTime.of(-43, 3, 15, 12, 0);

        assertThat(PostgresText.value("0044-03-15 12:00:00 BC", plain)).isEqualTo(ides);
        assertThat(PostgresText.value("0044-03-15 12:00:00+00 BC", zoned)).isEqualTo(ides.atOffset(ZoneOffset.UTC));
        assertThat(PostgresText.value("2024-02-29 01:02:03.000004+00", zoned))
                .isEqualTo(LocalDateTime.of(2024, 2, 29, 1, 2, 3, 4_000).atOffset(ZoneOffset.UTC));
        assertThat(PostgresText.value("294247-01-10 04:00:54.775807", plain))
                .isEqualTo(LocalDateTime.of(294247, 1, 10, 4, 0, 54, 775_807_000));
        assertThat(PostgresText.value("23:59:59.999999", Types.TimeType.get()))
                .isEqualTo(LocalTime.of(23, 59, 59, 999_999_000));
    }

    @Test
    void keepsNumbersAsTheyAre() {
        assertThat(PostgresText.value("1.50", Types.DecimalType.of(4, 2))).isEqualTo(new BigDecimal("1.50"));
        assertThat(PostgresText.value("NaN", Types.StringType.get())).isEqualTo("NaN");
        assertThat(PostgresText.value("NaN", Types.DoubleType.get())).isEqualTo(Double.NaN);
        assertThat(PostgresText.value("-Infinity", Types.FloatType.get())).isEqualTo(Float.NEGATIVE_INFINITY);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    infinity                   | date
                    -infinity                  | date
                    infinity                   | timestamp
                    -infinity                  | timestamptz
                    294247-01-10 04:00:54.775808    | timestamp
                    294276-12-31 23:59:59+00   | timestamptz
                    2024-01-01 00:00:00+01     | timestamptz
                    24:00:00                   | time
                    NaN                        | decimal(4, 2)
                    Infinity                   | decimal(4, 2)
                    1.505                      | decimal(4, 2)
                    100.00                     | decimal(4, 2)
                    {{1,2},{3,4}}              | list<int>
                    [0:1]={1,2}                | list<int>
                    not a number               | int
                    """)
    void refusesWhatHasNoExactCounterpartAndDoesNotNameIt(String text, String type) {
        assertThatThrownBy(() -> PostgresText.value(text, type(type)))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .doesNotContain("1.505")
                .doesNotContain("100.00")
                .doesNotContain("not a number");
    }

    private static Type type(String name) {
        return switch (name) {
            case "timestamp" -> Types.TimestampType.withoutZone();
            case "timestamptz" -> Types.TimestampType.withZone();
            case "list<int>" -> Types.ListType.ofOptional(1, Types.IntegerType.get());
            default -> Types.fromPrimitiveString(name);
        };
    }
}
