package io.levada.ingest.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import io.levada.definition.CsvSettings;
import io.levada.definition.OnSchemaChange;
import io.levada.events.Cause;
import io.levada.events.FileArrived;
import io.levada.events.FileIdentity;
import io.levada.events.FilesWritten;
import io.levada.events.WrittenFile;
import io.levada.ingest.landing.LandingSteps;
import io.levada.lake.LakeLayout;
import io.levada.testing.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Files that others collected because they are hard to read.
class CsvCorpusIT {
    private static final int MAX_RECORD_BYTES = 1 << 20;
    private static final int TYPED_EVERY = 4;

    @TempDir
    Path directory = Path.of("unset");

    private LakeLayout layout = new LakeLayout("unset");
    private FileEngine engine = new FileEngine(directory, layout, List.of());

    @BeforeEach
    void openTheEngine() {
        layout = new LakeLayout(directory.resolve("lake").toString());
        engine = new FileEngine(directory.resolve("scratch"), layout, List.of());
    }

    @AfterEach
    void closeTheEngine() {
        engine.close();
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private FileConversion.Converted convert(Path file, String table, Map<String, Type> declared) throws IOException {
        Tables tables = new LocalTables();
        FileConversion conversion = new FileConversion(
                tables, layout, directory.resolve("quarantine"), engine, 1 << 26, LandingSteps.NONE, Clock.systemUTC());
        String name = String.valueOf(file.getFileName());
        FileIdentity identity = new FileIdentity("s", "raw.s_" + table, 1, name, "5ca1ab1e");
        FileTable definition = new FileTable(
                "s",
                "raw.s_" + table,
                declared,
                tables,
                layout,
                new CsvFormat(CsvSettings.DEFAULT, MAX_RECORD_BYTES),
                OnSchemaChange.EVOLVE);
        return conversion.convert(new FileArrived(identity, Files.size(file), Instant.EPOCH, "csv"), definition, file);
    }

    private static List<String> paths(FileConversion.Converted converted, Cause cause) {
        return converted.events().stream()
                .filter(event -> event.cause() == cause)
                .flatMap(event -> event.files().stream())
                .map(WrittenFile::path)
                .toList();
    }

    private static String source(List<String> paths) {
        return paths.stream()
                .map(path -> "'" + path + "'")
                .collect(Collectors.joining(", ", "read_parquet([", "], hive_partitioning=false)"));
    }

    @Test
    void readsTheSpectrumAsItsAuthorsDo() throws Exception {
        Path spectrum = TestData.directory("csv-spectrum");
        JsonMapper json = JsonMapper.builder()
                .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
                .build();
        List<Path> files = files(spectrum.resolve("csvs"));
        for (Path file : files) {
            String name = String.valueOf(file.getFileName()).replace(".csv", "");
            if (name.equals("location_coordinates")) {
                continue; // its JSON has another telephone number than its CSV
            }
            List<Map<String, String>> expected = json.readValue(
                    Files.readString(spectrum.resolve("json").resolve(name + ".json")), new TypeReference<>() {});

            FileConversion.Converted converted = convert(file, name, Map.of());

            assertThat(rows(converted)).as(name).isEqualTo(expected);
        }
        assertThat(files).hasSize(12);
    }

    /// The rows as text, an empty text where there is no value.
    private static List<Map<String, String>> rows(FileConversion.Converted converted) throws SQLException {
        List<Map<String, String>> rows = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(
                        "SELECT COLUMNS(* EXCLUDE (_op, _pos, _file, _line, _ingested_at, ingestion_date))::VARCHAR FROM "
                                + source(paths(converted, Cause.FILE)) + " ORDER BY _line")) {
            while (found.next()) {
                Map<String, String> row = new LinkedHashMap<>();
                for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
                    row.put(found.getMetaData().getColumnName(i), found.getString(i) == null ? "" : found.getString(i));
                }
                rows.add(row);
            }
        }
        return rows;
    }

    @Test
    void landsOrPutsAsideOrRefusesEveryRecordOfDuckDbsFiles() throws Exception {
        int taken = 0;
        int compared = 0;
        int refused = 0;
        List<Path> files = files(TestData.directory("duckdb-csv"));
        for (int i = 0; i < files.size(); i++) {
            Path file = files.get(i);
            boolean typed = i % TYPED_EVERY == 0;
            FileConversion.Converted converted = convert(file, "t" + i, typed ? Map.of() : strings(file));
            assertReconciled(file, converted);
            if (converted.whole()) {
                refused++;
                continue;
            }
            taken++;
            List<List<String>> expected = typed ? null : fastCsv(file);
            if (expected != null && converted.quarantinedRows() == 0 && converted.rows() > 0) {
                assertThat(texts(converted)).as(file.toString()).isEqualTo(expected);
                compared++;
            }
        }
        assertThat(taken).isEqualTo(files.size() - refused).isGreaterThan(files.size() / 2);
        assertThat(compared).isGreaterThan(200);
    }

    /// Every column as text, which shows it as it came.
    private static Map<String, Type> strings(Path file) throws IOException {
        Map<String, Type> types = new HashMap<>();
        try (CsvFile csv =
                CsvFile.open(file, String.valueOf(file.getFileName()), CsvSettings.DEFAULT, MAX_RECORD_BYTES)) {
            if (csv != null) {
                csv.columns().forEach(name -> types.put(CsvFile.fold(name), Types.StringType.get()));
            }
        } catch (RefusedFile _) {
            // it has no columns
        }
        return types;
    }

    private static void assertReconciled(Path file, FileConversion.Converted converted) throws IOException {
        FilesWritten last = converted.events().getLast();
        assertThat(last.cause()).isEqualTo(Cause.FILE);
        assertThat(last.files().stream().mapToLong(WrittenFile::rows).sum())
                .as(file.toString())
                .isEqualTo(converted.rows());
        assertThat(converted.events().stream()
                        .filter(event -> event.cause() == Cause.QUARANTINE)
                        .flatMap(event -> event.files().stream())
                        .mapToLong(WrittenFile::rows)
                        .sum())
                .as(file.toString())
                .isEqualTo(converted.quarantinedRows());
        if (converted.whole()) {
            assertThat(converted.quarantinedRows()).as(file.toString()).isEqualTo(1);
            return;
        }
        long records = 0;
        try (CsvFile csv =
                CsvFile.open(file, String.valueOf(file.getFileName()), CsvSettings.DEFAULT, MAX_RECORD_BYTES)) {
            while (csv != null && csv.next()) {
                records++;
            }
        }
        assertThat(converted.rows() + converted.quarantinedRows())
                .as(file.toString())
                .isEqualTo(records);
    }

    /// The fields of every row.
    private static List<List<String>> texts(FileConversion.Converted converted) throws SQLException {
        List<List<String>> all = new ArrayList<>();
        for (Map<String, String> row : rows(converted)) {
            all.add(List.copyOf(row.values()));
        }
        return all;
    }

    /// The same fields by another reader; null where it can not tell.
    private static @Nullable List<List<String>> fastCsv(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        if (!StrictUtf8.valid(content, 0, content.length) || file.toString().matches(".*\\.(gz|zst)")) {
            return null;
        }
        String text = new String(content, UTF_8);
        text = text.startsWith("\ufeff") ? text.substring(1) : text;
        CsvRecords.Dialect dialect = CsvDetection.dialect(text.getBytes(UTF_8), CsvSettings.DEFAULT);
        List<List<String>> rows = new ArrayList<>();
        try (CsvReader<CsvRecord> reader = CsvReader.builder()
                .fieldSeparator((char) dialect.delimiter())
                .commentStrategy(CommentStrategy.NONE)
                .allowMissingFields(true)
                .allowExtraFields(true)
                .ofCsvRecord(text)) {
            reader.forEach(csv -> rows.add(csv.getFields()));
        } catch (RuntimeException _) {
            return null;
        }
        if (rows.isEmpty()) {
            return null;
        }
        rows.removeFirst();
        return rows;
    }
}
