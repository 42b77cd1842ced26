package io.levada.ingest.files;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.definition.CsvSettings;
import io.levada.definition.OnSchemaChange;
import io.levada.events.Cause;
import io.levada.events.FileArrived;
import io.levada.events.FileIdentity;
import io.levada.events.FilesWritten;
import io.levada.events.WrittenFile;
import io.levada.ingest.landing.LandingSteps;
import io.levada.lake.LakeLayout;
import io.levada.lake.LocalFileIO;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileConversionTest {
    private static final int MAX_RECORD_BYTES = 4096;

    @TempDir
    Path directory = Path.of("unset");

    private final Tables tables = new LocalTables();
    private LakeLayout layout = new LakeLayout("unset");
    private FileEngine engine = new FileEngine(directory, layout, List.of());
    private FileConversion conversion = conversion(1 << 20);
    private CsvSettings csv = CsvSettings.DEFAULT;
    private Map<String, Type> declared = Map.of();
    private OnSchemaChange onSchemaChange = OnSchemaChange.EVOLVE;
    private long number;

    @BeforeEach
    void useTheDirectory() {
        layout = new LakeLayout(directory.resolve("lake").toString());
        engine = new FileEngine(directory.resolve("scratch"), layout, List.of());
        conversion = conversion(1 << 20);
    }

    @AfterEach
    void closeTheEngine() {
        engine.close();
    }

    private FileConversion conversion(long partBytes) {
        return new FileConversion(
                tables,
                layout,
                directory.resolve("quarantine"),
                engine,
                partBytes,
                LandingSteps.NONE,
                Clock.fixed(Instant.parse("2026-11-21T10:00:00Z"), ZoneOffset.UTC));
    }

    private FileConversion.Converted convert(String name, String text) throws IOException {
        return convert(name, text.getBytes(UTF_8));
    }

    private FileConversion.Converted convert(String name, byte[] content) throws IOException {
        number++;
        Path file = directory.resolve("spooled-" + number);
        Files.write(file, content);
        FileIdentity identity = new FileIdentity("sales", "raw.sales_data", number, name, "5ca1ab1e");
        FileTable table = new FileTable(
                "sales",
                "raw.sales_data",
                declared,
                tables,
                layout,
                new CsvFormat(csv, MAX_RECORD_BYTES),
                onSchemaChange);
        return conversion.convert(new FileArrived(identity, content.length, Instant.EPOCH, "csv"), table, file);
    }

    private static FilesWritten rows(FileConversion.Converted converted) {
        FilesWritten last = converted.events().getLast();
        assertThat(last.cause()).isEqualTo(Cause.FILE);
        return last;
    }

    private static List<String> quarantined(FileConversion.Converted converted, String select) throws SQLException {
        FilesWritten first = converted.events().getFirst();
        assertThat(first.cause()).isEqualTo(Cause.QUARANTINE);
        return ParquetRows.query(List.of(first), "SELECT " + select + " FROM t ORDER BY position");
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }

    @Test
    void landsEveryColumnWithItsType() throws Exception {
        FileConversion.Converted converted = convert("2024/a.csv", """
                id,product,price,date,at,ok
                1,Laptop,1200.00,2024-01-01,2024-01-01 10:00:00,true
                2,,25.5,,2024-01-02T10:00:00.25,false
                """);

        assertThat(converted.rows()).isEqualTo(2);
        assertThat(converted.events()).hasSize(1);
        assertThat(rows(converted).file()).isNotNull();
        assertThat(ParquetRows.query(converted.events(), "SELECT * FROM t ORDER BY _pos"))
                .containsExactly(
                        "1|Laptop|1200.00|2024-01-01|2024-01-01 10:00:00.0|true|c"
                                + "|0001-00000000000000000001-00000000000000000001|2026-11-21T10:00Z"
                                + "|2024/a.csv|1|2026-11-21",
                        "2|null|25.50|null|2024-01-02 10:00:00.25|false|c"
                                + "|0001-00000000000000000001-00000000000000000002|2026-11-21T10:00Z"
                                + "|2024/a.csv|2|2026-11-21");
        assertThat(ParquetRows.query(
                        converted.events(), "SELECT typeof(id), typeof(price), typeof(\"at\") FROM t LIMIT 1"))
                .containsExactly("BIGINT|DECIMAL(18,2)|TIMESTAMP");
    }

    @Test
    void putsAsideWhatDoesNotFitAndLandsTheRest() throws Exception {
        convert("good.csv", "id,price\n1,2.50\n");

        FileConversion.Converted converted =
                convert("bad.csv", "id,price\n2,3.00\nx,1.00\n3\n4,5,6\n\"5\"y,1\n6,7.00\n");

        assertThat(ParquetRows.query(List.of(rows(converted)), "SELECT id, price, _line FROM t ORDER BY _pos"))
                .containsExactly("2|3.00|1", "6|7.00|6");
        assertThat(quarantined(converted, "source, table_name, file, line, decode(raw), code, reason"))
                .containsExactly(
                        "sales|raw.sales_data|bad.csv|2|x,1.00|FILES-BAD-VALUE|column 'id': the value is not a long",
                        "sales|raw.sales_data|bad.csv|3|3|FILES-FIELD-COUNT"
                                + "|the record has 1 fields; the header has 2",
                        "sales|raw.sales_data|bad.csv|4|4,5,6|FILES-FIELD-COUNT"
                                + "|the record has 3 fields; the header has 2",
                        "sales|raw.sales_data|bad.csv|5|\"5\"y,1|FILES-BAD-QUOTE"
                                + "|field 2 or one before it has text after its closing quote");
        assertThat(converted.events().getFirst().file())
                .isEqualTo(rows(converted).file());
    }

    @Test
    void refusesTextThatIsNotUtf8UnlessItsEncodingIsDeclared() throws Exception {
        byte[] latin = "name\nJos\u00e9\nAna\n".getBytes(ISO_8859_1);

        assertThat(quarantined(convert("latin.csv", latin), "line, code, reason LIKE '%encoding: ...%latin-1%'"))
                .containsExactly("null|FILES-BAD-ENCODING|true");

        csv = new CsvSettings(null, '"', null, List.of(), null, UTF_8);
        FileConversion.Converted apart = convert("latin2.csv", latin);
        assertThat(ParquetRows.query(List.of(rows(apart)), "SELECT name, _line FROM t"))
                .containsExactly("Ana|2");
        assertThat(quarantined(apart, "hex(raw), code")).containsExactly("4A6F73E9|FILES-BAD-ENCODING");

        csv = new CsvSettings(null, '"', null, List.of(), null, ISO_8859_1);
        assertThat(ParquetRows.query(convert("latin3.csv", latin).events(), "SELECT name, _line FROM t ORDER BY _line"))
                .containsExactly("Jos\u00e9|1", "Ana|2");
    }

    @Test
    void readsUtf16WithAndWithoutAMark() throws Exception {
        for (Charset charset : List.of(UTF_16, UTF_16LE, UTF_16BE)) {
            FileConversion.Converted converted =
                    convert(charset + ".csv", "id,name\n1,Jos\u00e9 \ud83d\ude00\n".getBytes(charset));

            assertThat(ParquetRows.query(converted.events(), "SELECT id, name FROM t"))
                    .as(charset.name())
                    .containsExactly("1|Jos\u00e9 \ud83d\ude00");
        }
        byte[] odd = Arrays.copyOf("id,name\n1,Ana\n".getBytes(UTF_16LE), 27);
        assertThat(convert("odd.csv", odd).whole()).isTrue();
    }

    @Test
    void readsTheFormThatTheDefinitionTells() throws Exception {
        csv = new CsvSettings(':', '\'', '\\', List.of("id", "name", "note"), "\\N", null);

        FileConversion.Converted converted = convert("a.csv", "1:'it\\'s: so':\\N\n\\N::'';\n".replace(";", ""));

        assertThat(ParquetRows.query(
                        converted.events(),
                        "SELECT id, name, note IS NULL, coalesce(note, '?'), _line FROM t ORDER BY _line"))
                .containsExactly("1|it's: so|true|?|1", "null||false||2");
    }

    @Test
    void putsAsideAnEmptyFieldOfANumberWhereAnotherTextStandsForNoValue() throws Exception {
        csv = new CsvSettings(null, '"', null, List.of(), "-", null);
        declared = Map.of("id", Types.LongType.get(), "day", Types.DateType.get());

        FileConversion.Converted converted =
                convert("a.csv", "id,day,note\n,2024-02-29,\n-,-,\n1,\"\",x\n1,2024-02-29,x\n");

        assertThat(ParquetRows.query(List.of(rows(converted)), "SELECT id, day, note, _line FROM t ORDER BY _line"))
                .containsExactly("null|null||2", "1|2024-02-29|x|4");
        assertThat(converted.quarantinedRows()).isEqualTo(2);
    }

    @Test
    void readsAnEmptyFieldAsNoBytesWhereAnotherTextStandsForNoValue() throws Exception {
        csv = new CsvSettings(null, '"', null, List.of(), "-", null);
        declared = Map.of("id", Types.LongType.get(), "data", Types.BinaryType.get());

        FileConversion.Converted converted = convert("a.csv", "id,data\n1,\n2,-\n3,YQ==\n");

        assertThat(ParquetRows.query(converted.events(), "SELECT id, octet_length(data) FROM t ORDER BY id"))
                .containsExactly("1|0", "2|null", "3|1");
    }

    @Test
    void readsOneColumnWithEmptyQuotedFieldsAndQuotesInText() throws Exception {
        FileConversion.Converted converted = convert("a.csv", "name\n\"\"\na\"b\"\n\"x\ny\"\n\r\n 'z' \n");

        assertThat(ParquetRows.query(converted.events(), "SELECT name, _line FROM t ORDER BY _line"))
                .containsExactly("null|1", "a\"b\"|2", "x\ny|3", " 'z' |4");
    }

    @Test
    void putsAsideARecordThatIsTooLongAndKeepsTheOriginal() throws Exception {
        byte[] content = ("id,name\n1," + "x".repeat(600_000) + "\n2,b\n").getBytes(UTF_8);

        FileConversion.Converted converted = convert("long.csv", content);

        assertThat(ParquetRows.query(List.of(rows(converted)), "SELECT id, name FROM t"))
                .containsExactly("2|b");
        assertThat(quarantined(converted, "code, octet_length(raw) > 1000"))
                .containsExactly("FILES-RECORD-TOO-LONG|true");
        assertThat(directory.resolve("quarantine/sales/00000001-5ca1ab1e-long.csv"))
                .hasBinaryContent(content);
    }

    @Test
    void readsGzipMarksAndOtherDelimiters() throws Exception {
        FileConversion.Converted converted =
                convert("a.csv.gz", gzip("\ufeffid;name\r\n1;\"a;b\"\r\n".getBytes(UTF_8)));

        assertThat(ParquetRows.query(converted.events(), "SELECT id, name FROM t"))
                .containsExactly("1|a;b");
    }

    @Test
    void addsColumnsThatLaterFilesBringAndLeavesMissingOnesNull() throws Exception {
        FileConversion.Converted first = convert("a.csv", "id,name\n1,x\n");
        FileConversion.Converted second = convert("b.csv", "price,ID\n2.5,2\n");

        assertThat(ParquetRows.query(List.of(rows(first), rows(second)), "SELECT id, name, price FROM t ORDER BY _pos"))
                .containsExactly("1|x|null", "2|null|2.5");
        assertThat(rows(second).schemaId()).isNotEqualTo(rows(first).schemaId());
    }

    @Test
    void keepsAFrozenTableAsItIs() throws Exception {
        convert("blank.csv", "");
        onSchemaChange = OnSchemaChange.FREEZE;
        assertThat(convert("a.csv", "id,name\n1,x\n").rows()).isEqualTo(1);
        assertThat(convert("b.csv", "id\n2\n").rows()).isEqualTo(1);

        FileConversion.Converted refused = convert("c.csv", "id,price,note\n3,1,x\n");

        assertThat(refused.whole()).isTrue();
        assertThat(quarantined(refused, "code, reason LIKE '%no column price, note; %evolve%'"))
                .containsExactly("FILES-NEW-COLUMNS|true");
    }

    @Test
    void putsAFileAsideThatHasNoColumnOfTheTable() throws Exception {
        convert("a.csv", "id,name\n1,a\n");

        FileConversion.Converted foreign = convert("b.csv", "other name\nx\n");

        assertThat(foreign.whole()).isTrue();
        assertThat(quarantined(foreign, "code")).containsExactly("FILES-FOREIGN-COLUMNS");
        assertThat(tables.load("raw.sales_data").orElseThrow().schema().findField("other name"))
                .isNull();
        declared = Map.of("other name", Types.StringType.get());
        assertThat(convert("b.csv", "other name\nx\n").rows()).isEqualTo(1);
    }

    @Test
    void putsRowsWithNewColumnsAsideWhereThePolicySaysSo() throws Exception {
        convert("a.csv", "id,name\n1,x\n");
        onSchemaChange = OnSchemaChange.QUARANTINE;

        FileConversion.Converted aside = convert("b.csv", "id,price\n2,1\n3,2\n");

        assertThat(aside.whole()).isFalse();
        assertThat(aside.rows()).isZero();
        assertThat(rows(aside).files()).isEmpty();
        assertThat(quarantined(aside, "line, decode(raw), code"))
                .containsExactly("1|2,1|FILES-NEW-COLUMNS", "2|3,2|FILES-NEW-COLUMNS");
    }

    @Test
    void takesTheTypesThatTheDefinitionNames() throws Exception {
        declared = Map.of("code", Types.StringType.get(), "price", Types.DecimalType.of(12, 4));

        FileConversion.Converted converted = convert("a.csv", "Code,price\n1,0012.5\n");

        assertThat(ParquetRows.query(converted.events(), "SELECT Code, typeof(Code), price FROM t"))
                .containsExactly("1|VARCHAR|12.5000");
    }

    @Test
    void putsAsideAFileThatIsNoCsv() throws Exception {
        List<FileConversion.Converted> all = List.of(
                convert("zero.csv", new byte[] {1, 0, 2}),
                convert("image.png", "a,b\n1,2\n"),
                convert("bell.csv", "a\u0007,b\n1,2\n"),
                convert("open.csv", "\"a,b\n1,2\n"),
                convert("twice.csv", "a,A\n1,2\n"),
                convert("unnamed.csv", "a,,b\n1,2,3\n"),
                convert("reserved.csv", "a,_POS\n1,2\n"),
                convert("cut.csv.gz", Arrays.copyOf(gzip("a,b\n1,2\n".repeat(99).getBytes(UTF_8)), 30)));

        for (FileConversion.Converted converted : all) {
            assertThat(converted.whole()).isTrue();
            assertThat(rows(converted).files()).isEmpty();
            assertThat(quarantined(converted, "line, code LIKE 'FILES-%', reason LIKE 'the whole file: %kept as%'"))
                    .containsExactly("null|true|true");
        }
        assertThat(all.stream().map(converted -> code(converted)))
                .containsExactly(
                        "FILES-NOT-CSV",
                        "FILES-NOT-CSV",
                        "FILES-NOT-CSV",
                        "FILES-NOT-CSV",
                        "FILES-BAD-HEADER",
                        "FILES-BAD-HEADER",
                        "FILES-RESERVED-COLUMN",
                        "FILES-NOT-CSV");
    }

    private static String code(FileConversion.Converted converted) {
        try {
            return quarantined(converted, "code").getFirst();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void offersNothingButTheNumberOfAFileWithoutRecords() throws Exception {
        FileConversion.Converted blank = convert("blank.csv", "");
        FileConversion.Converted header = convert("header.csv", "id,name\n");

        assertThat(blank.events()).hasSize(1);
        assertThat(rows(blank).files()).isEmpty();
        assertThat(header.events()).hasSize(1);
        assertThat(rows(header).files()).isEmpty();
        assertThat(tables.load("raw.sales_data").orElseThrow().schema().findField("name"))
                .isNotNull();
    }

    @Test
    void splitsAFileIntoParts() throws Exception {
        conversion = conversion(1 << 18);
        StringBuilder text = new StringBuilder("id,name\n");
        for (int i = 0; i < 45_000; i++) {
            text.append(i).append(",name ").append(i).append('\n');
        }

        FileConversion.Converted converted = convert("big.csv", text.toString());

        assertThat(rows(converted).files()).hasSizeGreaterThan(1);
        assertThat(ParquetRows.query(
                        converted.events(), "SELECT count(*), sum(id), count(DISTINCT _pos), max(_line) FROM t"))
                .containsExactly("45000|1012477500|45000|45000");
    }

    @Test
    void writesAManifestForEachEvent() throws Exception {
        FileConversion.Converted converted = convert("a.csv", "id\n1\n2,3\n");

        for (FilesWritten event : converted.events()) {
            Path manifest = Path.of(layout.manifest(java.time.LocalDate.of(2026, 11, 21), event.id()));
            boolean quarantine = event.cause() == Cause.QUARANTINE;
            assertThat(quarantine || Files.exists(manifest)).isTrue();
            if (!quarantine) {
                assertThat(Files.readString(manifest))
                        .contains(event.id(), event.files().getFirst().path(), "\"sha256\"", "\"rows\" : 1");
            }
        }
    }

    @Test
    void keepsTheOrderOfRecordsThatFillManyBatches() throws Exception {
        StringBuilder text = new StringBuilder("id,label,day\n");
        int records = 70_000;
        for (int i = 1; i <= records; i++) {
            text.append(i % 1_000 == 0 ? "x" : i).append(",label ").append(i).append(",2024-01-01\n");
        }
        declared = Map.of("id", Types.LongType.get());
        conversion = conversion(500_000);

        FileConversion.Converted converted = convert("a.csv", text.toString());

        assertThat(converted.rows()).isEqualTo(records - 70);
        assertThat(converted.quarantinedRows()).isEqualTo(70);
        assertThat(rows(converted).files()).hasSizeGreaterThan(3);
        assertThat(ParquetRows.query(
                        List.of(rows(converted)),
                        "SELECT bool_and(id = _line AND label = 'label ' || id"
                                + " AND _pos = '0001-' || lpad('1', 20, '0') || '-' || lpad(id::VARCHAR, 20, '0')),"
                                + " count(DISTINCT id) FROM t"))
                .containsExactly("true|" + (records - 70));
        for (WrittenFile part : rows(converted).files()) {
            assertThat(ParquetRows.sql("SELECT bool_and(id > before) FROM (SELECT id, lag(id, 1, 0) OVER (ORDER BY"
                            + " file_row_number) AS before FROM read_parquet('" + part.path()
                            + "', file_row_number = true))"))
                    .containsExactly("true");
        }
    }

    @Test
    void landsColumnsWhoseNamesDifferInSpecialCharactersOnly() throws Exception {
        FileConversion.Converted converted = convert("a.csv", "a b,a_x20b,a-b\n1,2,3\n");

        FilesWritten event = rows(converted);
        assertThat(converted.quarantined()).isEmpty();
        assertThat(ParquetRows.query(converted.events(), "SELECT * FROM t").getFirst())
                .startsWith("1|2|3|c|");
        assertThat(event.files().getFirst().metrics().valueCounts()).containsEntry(2, 1L);
    }

    @Test
    void triesAgainWhereTheDiskFails() throws Exception {
        convert("a.csv", "id\n1\n");
        Path folder =
                LocalFileIO.path(tables.load("raw.sales_data").orElseThrow().location());
        Scratch.clear(folder);
        Files.delete(folder);
        Files.writeString(folder, "no folder");

        assertThatThrownBy(() -> convert("b.csv", "id\n2\n"))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(RefusedFile.class);
    }
}
