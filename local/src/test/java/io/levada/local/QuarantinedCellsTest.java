package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class QuarantinedCellsTest {
    @Test
    void showsAShortRowAsItIs() {
        assertThat(row("17;Zoë;\t12,50")).isEqualTo("17;Zoë;\t12,50");
        assertThat(row("")).isEmpty();
    }

    @Test
    void cutsALongRowAndALongReason() {
        assertThat(row("x".repeat(1_000))).isEqualTo("x".repeat(56) + " ...");
        assertThat(row("😀".repeat(1_000))).hasSizeLessThanOrEqualTo(60).doesNotContain("\ufffd");
        assertThat(QuarantinedCells.reason("the whole file: " + "y".repeat(200)))
                .hasSize(100)
                .endsWith("y ...");
    }

    @Test
    void showsBinaryRowsInHexadecimal() {
        byte[] bytes = new byte[200];
        bytes[0] = (byte) 0x89;
        bytes[1] = 'P';

        assertThat(QuarantinedCells.row(bytes)).isEqualTo("0x8950" + "00".repeat(22) + " ...");
        assertThat(QuarantinedCells.row(new byte[] {0, 1})).isEqualTo("0x0001");
    }

    @Test
    void showsTextInAnotherEncodingAsText() {
        byte[] latin = "17;José;Lisboa;2026-01-01".getBytes(StandardCharsets.ISO_8859_1);

        assertThat(QuarantinedCells.row(latin)).isEqualTo("17;Jos\ufffd;Lisboa;2026-01-01");
    }

    @Test
    void keepsTheEndOfALongPath() {
        assertThat(QuarantinedCells.place("a/".repeat(80) + "orders.csv:12"))
                .hasSize(60)
                .startsWith("...")
                .endsWith("orders.csv:12");
    }

    private static String row(String text) {
        return QuarantinedCells.row(text.getBytes(StandardCharsets.UTF_8));
    }
}
