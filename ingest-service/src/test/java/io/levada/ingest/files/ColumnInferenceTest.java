package io.levada.ingest.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ColumnInferenceTest {
    private static String infer(String... values) {
        ColumnInference column = new ColumnInference();
        TextInference texts = new TextInference(column);
        for (String value : values) {
            byte[] text = ("|" + value + "|").getBytes(UTF_8);
            if (!value.isEmpty()) {
                texts.take(text, 1, text.length - 1);
            }
        }
        texts.finish();
        return column.type().toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1;-5;0|long",
                "1;;2|long",
                "9223372036854775807;-9223372036854775808|long",
                "9223372036854775808;1|decimal(19, 0)",
                "1;2.50|decimal(18, 2)",
                ".5;-0.25|decimal(18, 2)",
                "0;.1234567890123456789|decimal(19, 19)",
                "-0;0|long",
                "12;12345678901234567890123456789012345678|decimal(38, 0)",
                "12345678901234567.123;1|decimal(20, 3)",
                "1;1234567890123456789012345678901234567890|string",
                "12345678901234567890123456789012345678;0.1|string",
                "true;FALSE|boolean",
                "true;1|string",
                "2024-02-29;1999-12-31|date",
                "2023-02-29|string",
                "2024-01-01 10:00;2024-01-01T10:00:01.123456|timestamp",
                "2024-01-01 10:00:00.1234567|string",
                "2024-01-01T10:00:00Z|timestamptz",
                "2024-01-01T10:00:00+02:00|string",
                "2024-01-01;2024-01-01 10:00|string",
                "007;1|string",
                "1;' 2'|string",
                "+1|string",
                "1e5|string",
                "5.|string",
                "-|string",
                ".|string",
                "2024-01-0|string",
                "24:00|string",
                "536365;C536365|string",
            })
    void findsTheNarrowestTypeWithoutLoss(String values, String type) {
        assertThat(infer(values.replace("'", "").split(";", -1))).isEqualTo(type);
    }

    @Test
    void isAStringWithoutAnyValue() {
        assertThat(new ColumnInference().type()).hasToString("string");
        assertThat(infer("", "")).isEqualTo("string");
    }

    @Test
    void joinsWhatSeveralFilesShow() {
        ColumnInference numbers = new ColumnInference();
        numbers.add(Set.of(ColumnInference.Kind.LONG, ColumnInference.Kind.DECIMAL));
        numbers.addDigits(3, 0);
        ColumnInference fractions = new ColumnInference();
        fractions.add(Set.of(ColumnInference.Kind.DECIMAL));
        fractions.addDigits(1, 4);

        numbers.add(fractions);
        numbers.add(new ColumnInference());

        assertThat(numbers.type()).hasToString("decimal(18, 4)");
    }

    @Test
    void isAStringWhereFilesTellDifferentTypes() {
        ColumnInference column = new ColumnInference();
        column.add(Types.DateType.get());
        column.add(Types.DateType.get());
        assertThat(column.type()).hasToString("date");

        column.add(Types.LongType.get());

        assertThat(column.type()).hasToString("string");
    }
}
