package io.levada.ingest.files;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowPositionsTest {
    private final RowPositions positions = new RowPositions(42);

    @Test
    void movesFromRecordToRecord() {
        RowPositions.Text text = positions.text();

        for (long ordinal = 1; ordinal <= 1_100; ordinal++) {
            text.moveTo(ordinal);
            assertThat(new String(text.bytes(), US_ASCII)).isEqualTo(positions.at(ordinal));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {2, 9, 999_999_999, 1_000_000_000_000L, Long.MAX_VALUE})
    void passesOverRecords(long ordinal) {
        RowPositions.Text text = positions.text();
        text.moveTo(1);

        text.moveTo(ordinal);

        assertThat(new String(text.bytes(), US_ASCII)).isEqualTo(positions.at(ordinal));
    }
}
