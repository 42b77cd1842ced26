package io.levada.ingest.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CsvRecordsTest {
    private static final int MAX = 1 << 20;

    /// Gives one byte at a time, so that every field crosses an end of what was read.
    private static InputStream dripping(String text) {
        return new ByteArrayInputStream(text.getBytes(UTF_8)) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(1, length));
            }
        };
    }

    private static List<List<String>> read(String text) throws IOException {
        List<List<String>> all = new ArrayList<>();
        try (CsvRecords records = new CsvRecords(new byte[0], dripping(text), CsvRecords.Dialect.of(','), MAX)) {
            while (records.next()) {
                all.add(fields(records));
            }
        }
        List<List<String>> atOnce = new ArrayList<>();
        try (CsvRecords records =
                new CsvRecords(text.getBytes(UTF_8), InputStream.nullInputStream(), CsvRecords.Dialect.of(','), MAX)) {
            while (records.next()) {
                atOnce.add(fields(records));
            }
        }
        assertThat(all).isEqualTo(atOnce);
        return all;
    }

    private static List<String> fields(CsvRecords records) {
        List<String> fields = new ArrayList<>();
        for (int i = 0; i < records.fields(); i++) {
            records.select(i);
            fields.add(new String(records.bytes(), records.from(), records.to() - records.from(), UTF_8));
        }
        return fields;
    }

    @Test
    void endsRecordsAtAnyLineEnd() throws IOException {
        assertThat(read("a,b\nc,d\r\ne,f\rg,h"))
                .containsExactly(List.of("a", "b"), List.of("c", "d"), List.of("e", "f"), List.of("g", "h"));
    }

    @Test
    void keepsDelimitersLineEndsAndQuotesInsideQuotes() throws IOException {
        assertThat(read("\"a,b\",\"c\r\nd\",\"say \"\"so\"\"\"\n1,\"\",3\n"))
                .containsExactly(List.of("a,b", "c\r\nd", "say \"so\""), List.of("1", "", "3"));
    }

    @Test
    void keepsQuotesInsideUnquotedFields() throws IOException {
        assertThat(read("5\" disk,b\n")).containsExactly(List.of("5\" disk", "b"));
    }

    @Test
    void keepsEmptyFieldsAtBothEnds() throws IOException {
        assertThat(read(",a,\n,,")).containsExactly(List.of("", "a", ""), List.of("", "", ""));
    }

    @Test
    void skipsBlankLines() throws IOException {
        assertThat(read("\n\r\na\n\n\nb\n\n")).containsExactly(List.of("a"), List.of("b"));
    }

    @Test
    void readsNothingFromNothing() throws IOException {
        assertThat(read("")).isEmpty();
        assertThat(read("\r\n\n")).isEmpty();
    }

    @Test
    void marksTextAfterAQuoteAndGoesOnWithTheNextRecord() throws IOException {
        CsvRecords records = new CsvRecords(new byte[0], dripping("\"a\"b,c\nd,e\n"), CsvRecords.Dialect.of(','), MAX);

        assertThat(records.next()).isTrue();
        assertThat(records.flaw()).isEqualTo(CsvRecords.Flaw.TEXT_AFTER_QUOTE);
        assertThat(new String(records.raw(100), UTF_8)).isEqualTo("\"a\"b,c");
        assertThat(records.next()).isTrue();
        assertThat(records.flaw()).isEqualTo(CsvRecords.Flaw.NONE);
        assertThat(fields(records)).containsExactly("d", "e");
        assertThat(records.next()).isFalse();
    }

    @Test
    void marksAQuoteThatIsNeverClosed() throws IOException {
        CsvRecords records = new CsvRecords(new byte[0], dripping("a,\"b\nc,d\n"), CsvRecords.Dialect.of(','), MAX);

        assertThat(records.next()).isTrue();
        assertThat(records.flaw()).isEqualTo(CsvRecords.Flaw.UNTERMINATED_QUOTE);
        assertThat(new String(records.raw(100), UTF_8)).isEqualTo("a,\"b\nc,d\n");
        assertThat(records.next()).isFalse();
    }

    @Test
    void passesOverARecordThatIsTooLong() throws IOException {
        String tooLong = "x,\"" + "\"\"\n,".repeat(2_000_000) + "\",y";
        String text = "a,b\n" + tooLong + "\nc,d\n";
        CsvRecords records = new CsvRecords(
                new byte[0], new ByteArrayInputStream(text.getBytes(UTF_8)), CsvRecords.Dialect.of(','), 1 << 16);

        assertThat(records.next()).isTrue();
        assertThat(fields(records)).containsExactly("a", "b");
        assertThat(records.next()).isTrue();
        assertThat(records.flaw()).isEqualTo(CsvRecords.Flaw.TOO_LONG);
        assertThat(new String(records.raw(1000), UTF_8)).isEqualTo(tooLong.substring(0, 1000));
        assertThat(records.next()).isTrue();
        assertThat(fields(records)).containsExactly("c", "d");
        assertThat(records.number()).isEqualTo(3);
        assertThat(records.next()).isFalse();
    }

    @Test
    void readsOtherQuotesAndEscapes() throws IOException {
        CsvRecords.Dialect dialect = new CsvRecords.Dialect((byte) ';', (byte) '\'', (byte) '\\');
        String text = "'it\\'s; a~~b';\"a\"\n'a\\\\';b\\\n".replace('~', '\'');
        try (CsvRecords records = new CsvRecords(new byte[0], dripping(text), dialect, MAX)) {
            assertThat(records.next()).isTrue();
            assertThat(fields(records)).containsExactly("it's; a'b", "\"a\"");
            assertThat(records.next()).isTrue();
            assertThat(fields(records)).containsExactly("a\\", "b\\");
            assertThat(records.next()).isFalse();
        }
    }

    @Test
    void takesQuotesAsTextWhereNothingIsQuoted() throws IOException {
        CsvRecords.Dialect dialect = new CsvRecords.Dialect((byte) '\t', (byte) 0, (byte) 0);
        try (CsvRecords records = new CsvRecords(new byte[0], dripping("\"a\tb\"\n"), dialect, MAX)) {
            assertThat(records.next()).isTrue();
            assertThat(fields(records)).containsExactly("\"a", "b\"");
        }
    }

    @Test
    void marksRecordsThatHoldNulBytes() throws IOException {
        try (CsvRecords records =
                new CsvRecords(new byte[0], dripping("a\0b,c\n\"d\0\",e\nf,g\n"), CsvRecords.Dialect.of(','), MAX)) {
            assertThat(records.next()).isTrue();
            assertThat(records.flaw()).isEqualTo(CsvRecords.Flaw.NUL);
            assertThat(records.next()).isTrue();
            assertThat(records.flaw()).isEqualTo(CsvRecords.Flaw.NUL);
            assertThat(records.next()).isTrue();
            assertThat(records.flaw()).isEqualTo(CsvRecords.Flaw.NONE);
        }
    }

    @Test
    void readsRecordsLongerThanItsBuffer() throws IOException {
        String big = "z".repeat(700_000);

        assertThat(read("a," + big + ",b\n\"" + big + "\",c\n"))
                .containsExactly(List.of("a", big, "b"), List.of(big, "c"));
    }
}
