package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TextTableTest {
    @Test
    void putsNumbersToTheRightAndTextsToTheLeft() {
        TextTable table = new TextTable("table", "rows");
        table.row("raw.sales", "1,200");
        table.row("x", "7");

        assertThat(table.toString().lines())
                .containsExactly(
                        "table      rows", //
                        "---------  -----",
                        "raw.sales  1,200",
                        "x              7");
    }

    @Test
    void lastsOneLineForARowAndSendsNoControlCharacters() {
        TextTable table = TextTable.plain("row");
        table.row("a\r\nb\u001b[2Jc");

        assertThat(table.toString().lines()).containsExactly("row", "a b?[2Jc");
    }

    @Test
    void takesValuesBetweenCommasForNoNumber() {
        TextTable table = TextTable.plain("the row");
        table.row("4,5");

        assertThat(table.toString().lines()).containsExactly("the row", "4,5");
    }
}
