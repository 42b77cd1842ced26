package io.levada.ingest.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import io.levada.events.Cause;
import io.levada.events.FileArrived;
import io.levada.events.FileIdentity;
import io.levada.events.FilesWritten;
import io.levada.events.WrittenFile;
import io.levada.ingest.IngestError;
import io.levada.ingest.landing.LandingSteps;
import io.levada.lake.LakeLayout;
import io.levada.testing.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Files that others collected because they are hard to read.
class CsvCorpusIT {
    private static final int MAX_RECORD_BYTES = 1 << 20;
    private static final int CONVERTED_EVERY = 10;

    @TempDir
    Path directory = Path.of("unset");

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    @Test
    void readsTheSpectrumAsItsAuthorsDo() throws Exception {
        Path spectrum = TestData.directory("csv-spectrum");
        JsonMapper json = JsonMapper.builder()
                .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
                .build();
        for (Path file : files(spectrum.resolve("csvs"))) {
            String name = String.valueOf(file.getFileName()).replace(".csv", "");
            if (name.equals("location_coordinates")) {
                continue; // its JSON has another telephone number than its CSV
            }
            List<Map<String, String>> expected = json.readValue(
                    Files.readString(spectrum.resolve("json").resolve(name + ".json")), new TypeReference<>() {});

            CsvFile.Opened opened = CsvFile.open(file, name + ".csv", MAX_RECORD_BYTES);

            assertThat(opened).as(name).isInstanceOf(CsvFile.Readable.class);
            assertThat(rows(((CsvFile.Readable) opened).file())).as(name).isEqualTo(expected);
        }
    }

    private static List<Map<String, String>> rows(CsvFile file) throws IOException {
        List<Map<String, String>> rows = new ArrayList<>();
        try (file) {
            CsvRecords records = file.records();
            while (records.next()) {
                Map<String, String> row = new LinkedHashMap<>();
                for (int field = 0; field < records.fields(); field++) {
                    records.select(field);
                    row.put(
                            file.header().get(field),
                            new String(records.bytes(), records.from(), records.to() - records.from(), UTF_8));
                }
                rows.add(row);
            }
        }
        return rows;
    }

    @Test
    void landsOrPutsAsideEveryRecordOfDuckDbsFiles() throws Exception {
        List<Path> files = files(TestData.directory("duckdb-csv"));
        int readable = 0;
        for (int i = 0; i < files.size(); i += CONVERTED_EVERY) {
            readable += convert(files.get(i), i) ? 1 : 0;
        }
        assertThat(readable).isGreaterThan(files.size() / CONVERTED_EVERY / 2);
    }

    @Test
    void parsesEveryRecordOfDuckDbsFiles() throws Exception {
        long fitting = 0;
        long misfits = 0;
        for (Path file : files(TestData.directory("duckdb-csv"))) {
            String name = String.valueOf(file.getFileName());
            LakeLayout layout = new LakeLayout(directory.resolve("lake").toString());
            FileTable definition =
                    new FileTable("s", "raw.s_t", Map.of(), LocalTables.inMemory(), layout, MAX_RECORD_BYTES);
            Table table = definition.covering(List.of(new FileTable.Content(file, name)));
            if (CsvFile.open(file, name, MAX_RECORD_BYTES) instanceof CsvFile.Readable(CsvFile csv)) {
                try (csv) {
                    RowParsers parsers = RowParsers.of(csv.header(), table, definition);
                    @Nullable Object[] values = parsers.newValues();
                    while (csv.records().next()) {
                        RowParsers.Misfit misfit = parsers.parse(csv.records(), values);
                        fitting += misfit == null ? 1 : 0;
                        misfits += misfit == null ? 0 : 1;
                        assertThat(misfit == null ? null : misfit.error())
                                .as(file.toString())
                                .isNotEqualTo(IngestError.FILES_BAD_VALUE);
                    }
                }
            }
        }
        assertThat(fitting).isGreaterThan(20_000);
        assertThat(misfits).isPositive();
    }

    /// @return whether the file was read as CSV
    private boolean convert(Path file, int index) throws IOException {
        Tables tables = LocalTables.inMemory();
        LakeLayout layout = new LakeLayout(directory.resolve("lake" + index).toString());
        FileConversion conversion = new FileConversion(
                tables,
                layout,
                directory.resolve("quarantine"),
                MAX_RECORD_BYTES,
                1 << 27,
                LandingSteps.NONE,
                Clock.systemUTC());
        String name = String.valueOf(file.getFileName());
        FileIdentity identity = new FileIdentity("s", "raw.s_t", 1, name, "5ca1ab1e");
        FileTable table = new FileTable("s", "raw.s_t", Map.of(), tables, layout, MAX_RECORD_BYTES);

        FileConversion.Converted converted =
                conversion.convert(new FileArrived(identity, Files.size(file), Instant.EPOCH, "csv"), table, file);

        FilesWritten rows = converted.events().getLast();
        assertThat(rows.cause()).isEqualTo(Cause.FILE);
        assertThat(rows.files().stream().mapToLong(WrittenFile::rows).sum())
                .as(file.toString())
                .isEqualTo(converted.rows());
        assertThat(converted.events().stream()
                        .filter(event -> event.cause() == Cause.QUARANTINE)
                        .flatMap(event -> event.files().stream())
                        .mapToLong(WrittenFile::rows)
                        .sum())
                .as(file.toString())
                .isEqualTo(converted.quarantinedRows());
        CsvFile.Opened opened = CsvFile.open(file, name, MAX_RECORD_BYTES);
        if (opened instanceof CsvFile.Readable(CsvFile csv)) {
            csv.close();
        }
        if (!converted.whole() && opened instanceof CsvFile.Readable) {
            assertThat(converted.rows() + converted.quarantinedRows())
                    .as(file.toString())
                    .isEqualTo(recordsOf(file, name));
        }
        return !converted.whole();
    }

    private static long recordsOf(Path file, String name) throws IOException {
        long records = 0;
        if (CsvFile.open(file, name, MAX_RECORD_BYTES) instanceof CsvFile.Readable(CsvFile csv)) {
            try (csv) {
                while (csv.records().next()) {
                    records++;
                }
            }
        }
        return records;
    }

    @Test
    void readsTheSameFieldsAsAnotherReader() throws Exception {
        List<Path> files = files(TestData.directory("duckdb-csv"));
        int compared = 0;
        for (Path file : files) {
            byte[] content = Files.readAllBytes(file);
            if (!Utf8.valid(content, 0, content.length) || content.length == 0) {
                continue;
            }
            List<List<String>> ours = new ArrayList<>();
            boolean flawed = false;
            try (CsvRecords records =
                    new CsvRecords(new byte[0], Files.newInputStream(file), (byte) ',', MAX_RECORD_BYTES)) {
                while (records.next() && !flawed) {
                    flawed = records.flaw() != CsvRecords.Flaw.NONE;
                    List<String> fields = new ArrayList<>();
                    for (int field = 0; field < records.fields(); field++) {
                        records.select(field);
                        fields.add(new String(records.bytes(), records.from(), records.to() - records.from(), UTF_8));
                    }
                    ours.add(fields);
                }
            }
            if (flawed) {
                continue;
            }
            List<List<String>> theirs = new ArrayList<>();
            try (CsvReader<CsvRecord> reader = CsvReader.builder()
                    .commentStrategy(CommentStrategy.NONE)
                    .allowMissingFields(true)
                    .allowExtraFields(true)
                    .ofCsvRecord(new String(content, UTF_8))) {
                reader.forEach(csv -> theirs.add(csv.getFields()));
            }
            assertThat(ours).as(file.toString()).isEqualTo(theirs);
            compared++;
        }
        assertThat(compared).isGreaterThan(600);
    }
}
