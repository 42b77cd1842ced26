package io.levada.ingest.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.OnSchemaChange;
import io.levada.events.Cause;
import io.levada.events.FileArrived;
import io.levada.events.FileIdentity;
import io.levada.events.FilesWritten;
import io.levada.ingest.landing.LandingSteps;
import io.levada.lake.LakeLayout;
import io.levada.testing.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class FileFormatsTest {
    private static final int MAX_RECORD_BYTES = 1 << 20;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    Path directory = Path.of("unset");

    private final Tables tables = new LocalTables();
    private LakeLayout layout = new LakeLayout("unset");
    private FileEngine engine = new FileEngine(directory, layout, List.of());
    private Map<String, Type> declared = Map.of();
    private OnSchemaChange onSchemaChange = OnSchemaChange.EVOLVE;
    private String table = "raw.s_t";
    private long number;

    @BeforeEach
    void openTheEngine() {
        layout = new LakeLayout(directory.resolve("lake").toString());
        engine = new FileEngine(
                directory.resolve("scratch"), layout, List.of(directory, TestData.directory("parquet-testing")));
    }

    @AfterEach
    void closeTheEngine() {
        engine.close();
    }

    private FileConversion.Converted convert(FileFormat format, String name, String text) throws IOException {
        number++;
        Path file = directory.resolve("spooled-" + number);
        Files.write(file, text.getBytes(UTF_8));
        return convert(format, name, file);
    }

    private FileConversion.Converted convert(FileFormat format, String name, Path file) throws IOException {
        FileConversion conversion = new FileConversion(
                tables, layout, directory.resolve("quarantine"), engine, 1 << 20, LandingSteps.NONE, Clock.systemUTC());
        FileTable definition = new FileTable("s", table, declared, tables, layout, format, onSchemaChange);
        FileIdentity identity = new FileIdentity("s", table, number + 1, name, "5ca1ab1e");
        return conversion.convert(new FileArrived(identity, Files.size(file), Instant.EPOCH, "x"), definition, file);
    }

    private static List<String> rows(FileConversion.Converted converted, String select) throws SQLException {
        FilesWritten last = converted.events().getLast();
        return ParquetRows.query(List.of(last), "SELECT " + select + " FROM t ORDER BY _pos");
    }

    private static List<String> quarantined(FileConversion.Converted converted, String select) throws SQLException {
        FilesWritten first = converted.events().getFirst();
        assertThat(first.cause()).isEqualTo(Cause.QUARANTINE);
        return ParquetRows.query(List.of(first), "SELECT " + select + " FROM t ORDER BY position");
    }

    @Test
    void readsJsonLinesByTheirOwnTypes() throws Exception {
        FileConversion.Converted converted = convert(JsonFormat.plain(MAX_RECORD_BYTES), "a.jsonl", """
                {"id": 1, "name": "Ana", "zip": "01310", "price": 1.50, "ok": true, "tags": ["a", 1.10], "big": 1}
                {"id": 2, "name": "", "price": 1e2, "at": "2024-01-01", "big": 12345678901234567890, "tiny": 1e-300}

                {"ID": 3, "name": null, "nested": {"a": {"b": null}}, "tiny": 0.5}
                """);

        assertThat(rows(converted, "id, name, zip, price, ok, tags, big, \"at\", tiny, nested, _line"))
                .containsExactly(
                        "1|Ana|01310|1.50|true|[\"a\",1.10]|1|null|null|null|1",
                        "2||null|100.00|null|null|12345678901234567890|2024-01-01|1E-300|null|2",
                        "3|null|null|null|null|null|null|null|0.5|{\"a\":{\"b\":null}}|3");
        assertThat(rows(
                                converted,
                                "DISTINCT typeof(id), typeof(zip), typeof(price), typeof(big), typeof(tiny), typeof(_pos)")
                        .getFirst())
                .startsWith("BIGINT|VARCHAR|DECIMAL(18,2)|DECIMAL(20,0)|VARCHAR|");
    }

    @Test
    void readsAJsonArrayAndDeclaredTypes() throws Exception {
        declared = Map.of("at", Types.TimestampType.withZone(), "code", Types.StringType.get());

        FileConversion.Converted converted = convert(
                JsonFormat.plain(MAX_RECORD_BYTES),
                "a.json",
                "\ufeff [ {\"at\": \"2024-01-01T10:00:00+02:00\", \"code\": 7},\n {\"at\": \"soon\"}, 5 ]\n");

        assertThat(rows(converted, "\"at\", code")).containsExactly("2024-01-01T08:00Z|7");
        assertThat(quarantined(converted, "line, code, decode(raw)"))
                .containsExactly("2|FILES-BAD-VALUE|{\"at\":\"soon\"}", "3|FILES-BAD-JSON|5");
    }

    @Test
    void putsBadLinesAsideAndRefusesWhatIsNoJson() throws Exception {
        FileConversion.Converted converted = convert(
                JsonFormat.plain(MAX_RECORD_BYTES),
                "a.jsonl",
                "{\"a\": 1}\n{\"a\": \n{\"a\": 2, \"a\": 3}\n{\"_op\": 1}\n{\"a\": 1, \"A\": 2}\n{\"a\": 4} x\n[1]\n{\"a\":5}");

        assertThat(rows(converted, "a, _line")).containsExactly("1|1", "5|8");
        assertThat(quarantined(converted, "line, code"))
                .containsExactly(
                        "2|FILES-BAD-JSON",
                        "3|FILES-BAD-JSON",
                        "4|FILES-RESERVED-COLUMN",
                        "5|FILES-BAD-JSON",
                        "6|FILES-BAD-JSON",
                        "7|FILES-BAD-JSON");
        for (String text : List.of("{\n\"a\": 1\n}\n", "a,b\n1,2\n", "[{\"a\": 1}", "[{\"a\": 1}] []", "[{\"a\" 1}]")) {
            FileConversion.Converted refused = convert(JsonFormat.plain(MAX_RECORD_BYTES), "b.json", text);
            assertThat(refused.whole()).as(text).isTrue();
            assertThat(quarantined(refused, "code")).containsExactly("FILES-NOT-JSON");
        }
        assertThat(convert(JsonFormat.plain(MAX_RECORD_BYTES), "c.json", "").events())
                .hasSize(1);
    }

    @Test
    void readsExtendedJsonByItsTypes() throws Exception {
        FileConversion.Converted converted = convert(JsonFormat.extended(MAX_RECORD_BYTES), "tickets.json", """
                {"_id": {"$oid": "57e193d7a9cc81b4027498b5"}, "n": {"$numberInt": "5"}, "l": {"$numberLong": "9007199254740993"}, "d": {"$numberDouble": "0.1"}, "x": {"$numberDecimal": "1.25"}, "at": {"$date": {"$numberLong": "1356351330501"}}, "u": {"$uuid": "c8edabc3-f738-4ca3-b68d-ab92a91478a3"}, "b": {"$binary": {"base64": "AP8=", "subType": "00"}}, "o": {"k": {"$numberInt": "1"}}, "r": {"$regularExpression": {"pattern": "a", "options": ""}}}
                {"_id": {"$oid": "57e193d7a9cc81b4027498b6"}, "n": 6, "l": 7, "d": 3, "at": {"$date": "2024-01-01T10:00:00Z"}, "x": null}
                {"_id": {"$oid": "57e193d7a9cc81b4027498b7"}, "d": {"$numberDouble": "NaN"}, "at": {"$date": "soon"}}
                """);

        assertThat(rows(converted, "_id, n, l, d, x, \"at\", u, hex(b), o, r"))
                .containsExactly(
                        "57e193d7a9cc81b4027498b5|5|9007199254740993|0.1|1.25|2012-12-24T12:15:30.501Z"
                                + "|c8edabc3-f738-4ca3-b68d-ab92a91478a3|00FF|{\"k\":{\"$numberInt\":\"1\"}}"
                                + "|{\"$regularExpression\":{\"pattern\":\"a\",\"options\":\"\"}}",
                        "57e193d7a9cc81b4027498b6|6|7|3.0|null|2024-01-01T10:00Z|null|null|null|null");
        assertThat(rows(converted, "typeof(n), typeof(d), typeof(x), typeof(\"at\"), typeof(b)")
                        .getFirst())
                .isEqualTo("BIGINT|DOUBLE|DECIMAL(18,2)|TIMESTAMP WITH TIME ZONE|BLOB");
        assertThat(quarantined(converted, "line, code, reason"))
                .containsExactly("3|FILES-BAD-VALUE|field 'at': a value is not the $date that it says");
    }

    /// What both forms of the specification's own tests hold must come out the same.
    @Test
    void readsTheCorpusOfBson() throws Exception {
        List<String> differing = new ArrayList<>();
        int compared = 0;
        try (Stream<Path> files = Files.walk(TestData.directory("bson-corpus"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".json"))
                    .sorted()
                    .toList()) {
                for (JsonNode test : JSON.readTree(Files.readString(file)).path("valid")) {
                    JsonNode canonical =
                            JSON.readTree(test.path("canonical_extjson").stringValue("{}"));
                    JsonNode relaxed = test.path("relaxed_extjson").isMissingNode()
                            ? canonical
                            : JSON.readTree(test.path("relaxed_extjson").stringValue());
                    for (String field : canonical.propertyNames()) {
                        JsonValue first = ExtendedJson.of(canonical.get(field));
                        JsonValue second = ExtendedJson.of(relaxed.get(field));
                        boolean nested = first.text() != null && first.text().startsWith("{");
                        compared++;
                        if (!nested
                                && !first.equals(second)
                                && !canonical.get(field).isArray()) {
                            differing.add(file.getFileName() + ": " + canonical + " " + relaxed);
                        }
                    }
                }
            }
        }
        assertThat(differing).isEmpty();
        assertThat(compared).isGreaterThan(300);
    }

    @Test
    void widensColumnsAndPutsAsideRecordsWithNewFields() throws Exception {
        convert(JsonFormat.plain(MAX_RECORD_BYTES), "a.jsonl", "{\"a\": 1.50, \"b\": 1}\n");
        FileConversion.Converted wider =
                convert(JsonFormat.plain(MAX_RECORD_BYTES), "b.jsonl", "{\"a\": 123456789012345678.25}\n");
        assertThat(rows(wider, "a, typeof(a)")).containsExactly("123456789012345678.25|DECIMAL(20,2)");

        onSchemaChange = OnSchemaChange.QUARANTINE;
        FileConversion.Converted aside = convert(
                JsonFormat.plain(MAX_RECORD_BYTES), "c.jsonl", "{\"a\": 2}\n{\"a\": 3, \"c\": null}\n{\"b\": 4}\n");
        assertThat(rows(aside, "a, b, _line")).containsExactly("2.00|null|1", "null|4|3");
        assertThat(quarantined(aside, "line, code, reason"))
                .containsExactly("2|FILES-NEW-COLUMNS|the table has no column c");
    }

    @Test
    void readsLogsOfNginx() throws Exception {
        Path file = TestData.directory("nginx-json-logs").resolve("nginxplus_json_logs.jsonl.gz");

        FileConversion.Converted converted = convert(JsonFormat.plain(MAX_RECORD_BYTES), "nginx.jsonl.gz", file);

        assertThat(converted.quarantinedRows()).isZero();
        assertThat(converted.rows()).isGreaterThan(50);
        assertThat(rows(converted, "nginx_version, typeof(pid), json_valid(server_zones), _line")
                        .getFirst())
                .isEqualTo("1.9.4|BIGINT|true|1");
    }

    @Test
    void readsParquetByItsTypes() throws Exception {
        Path file = directory.resolve("a.parquet");
        ParquetRows.write("COPY (SELECT i AS id, i / 4.0 AS ratio, i::DECIMAL(30,4) AS amount, 'n' || i AS name, "
                + "TIMESTAMPTZ '2024-01-01 00:00:00Z' AS at, [i, NULL] AS list, {a: 'x'} AS struct FROM range(3) r(i)) TO '"
                + file + "' (FORMAT parquet)");

        FileConversion.Converted converted = convert(new ParquetFormat(engine), "a.parquet", file);

        assertThat(rows(converted, "id, amount, name, \"at\", list, struct, _line, _file"))
                .containsExactly(
                        "0|0.0000|n0|2024-01-01T00:00Z|[0,null]|{\"a\":\"x\"}|1|a.parquet",
                        "1|1.0000|n1|2024-01-01T00:00Z|[1,null]|{\"a\":\"x\"}|2|a.parquet",
                        "2|2.0000|n2|2024-01-01T00:00Z|[2,null]|{\"a\":\"x\"}|3|a.parquet");

        Path wider = directory.resolve("b.parquet");
        ParquetRows.write("COPY (SELECT v AS id FROM (VALUES (1.5), (2.0)) t(v)) TO '" + wider + "' (FORMAT parquet)");
        FileConversion.Converted second = convert(new ParquetFormat(engine), "b.parquet", wider);

        assertThat(rows(second, "id, name, _line")).containsExactly("2|null|2");
        assertThat(quarantined(second, "line, code, decode(raw)")).containsExactly("1|FILES-BAD-VALUE|{\"id\":1.5}");
    }

    @Test
    void survivesTheFilesThatParquetsAuthorsKeepForTests() throws Exception {
        int taken = 0;
        List<String> refused = new ArrayList<>();
        try (Stream<Path> files = Files.walk(TestData.directory("parquet-testing"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".parquet"))
                    .sorted()
                    .toList()) {
                table = "raw.s_p" + number++;
                FileConversion.Converted converted =
                        convert(new ParquetFormat(engine), String.valueOf(file.getFileName()), file);
                if (converted.whole()) {
                    refused.add(file.getFileName() + ": " + quarantined(converted, "reason"));
                } else {
                    taken++;
                    assertThat(ParquetRows.sql("SELECT num_rows FROM parquet_file_metadata('" + file + "')"))
                            .as(file.toString())
                            .containsExactly(Long.toString(converted.rows() + converted.quarantinedRows()));
                }
            }
        }
        assertThat(taken).isGreaterThan(50);
        assertThat(refused).isNotEmpty();
    }
}
