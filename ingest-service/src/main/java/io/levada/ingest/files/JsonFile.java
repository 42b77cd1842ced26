package io.levada.ingest.files;

import io.levada.events.RawColumns;
import io.levada.ingest.IngestError;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// JSON records: an object on each line, or one array of objects. Their fields are cells, matched by name whatever
/// the case.
final class JsonFile implements FileRecords {
    private static final Set<String> EXTENSIONS = Set.of("json", "jsonl", "ndjson", "log", "txt");
    private static final int MOST_NESTING = 200;

    /// A file whose first lines are all bad is of another form.
    private static final int LINES_BEFORE_DOUBT = 10;

    private static final Set<String> RESERVED =
            RawColumns.ALL.stream().map(CsvFile::fold).collect(Collectors.toUnmodifiableSet());

    private final JsonMapper json;
    private final Function<@Nullable JsonNode, JsonValue> reader;
    private final List<String> columns;
    private final Set<String> folded;
    private final boolean checkColumns;
    private final TextContent content;
    private final @Nullable TextLines lines;
    private final @Nullable JsonParser array;
    private long ordinal;
    private boolean anyParsed;
    private Map<String, JsonValue> values = Map.of();
    private Map<String, String> names = Map.of();
    private byte[] element = new byte[0];
    private @Nullable Misfit misfit;

    private JsonFile(
            JsonMapper json,
            Function<@Nullable JsonNode, JsonValue> reader,
            List<String> columns,
            TextContent content,
            int maxRecordBytes)
            throws IOException {
        this.json = json;
        this.reader = reader;
        this.columns = List.copyOf(columns);
        this.folded = columns.stream().map(CsvFile::fold).collect(Collectors.toCollection(LinkedHashSet::new));
        this.checkColumns = !columns.isEmpty();
        this.content = content;
        InputStream in = new SequenceInputStream(new ByteArrayInputStream(content.head()), content.rest());
        boolean isArray = isArray(content.head());
        this.lines = isArray ? null : new TextLines(in, maxRecordBytes);
        this.array = isArray ? json.createParser(in) : null;
        if (array != null) {
            array.nextToken();
        }
    }

    /// Opens a file.
    ///
    /// @param reader reads one field
    /// @param columns that are copied
    /// @return null for a file without a single record
    /// @throws RefusedFile where it is no JSON file that can be taken
    static @Nullable JsonFile open(
            Path path,
            String name,
            Function<@Nullable JsonNode, JsonValue> reader,
            List<String> columns,
            int maxRecordBytes)
            throws IOException {
        String extension = PlainContent.extension(name);
        if (!extension.isEmpty() && !EXTENSIONS.contains(extension)) {
            throw new RefusedFile(
                    IngestError.FILES_NOT_JSON,
                    "its name ends in ." + extension + "; expected .json, .jsonl or .ndjson, also with .gz or .zst");
        }
        TextContent content = TextContent.open(path, null, IngestError.FILES_NOT_JSON);
        if (content.head().length == 0) {
            content.rest().close();
            return null;
        }
        return new JsonFile(mapper(maxRecordBytes), reader, columns, content, maxRecordBytes);
    }

    private static JsonMapper mapper(int maxRecordBytes) {
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxStringLength(maxRecordBytes)
                        .maxNestingDepth(MOST_NESTING)
                        .build())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
        return JsonMapper.builder(factory)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .build();
    }

    private static boolean isArray(byte[] head) {
        for (byte b : head) {
            if (b != ' ' && b != '\t' && b != '\n' && b != '\r') {
                return b == '[';
            }
        }
        return false;
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public boolean next() throws IOException {
        misfit = null;
        values = Map.of();
        boolean there = lines == null ? nextElement() : nextLine(lines);
        ordinal += there ? 1 : 0;
        return there;
    }

    private boolean nextLine(TextLines all) throws IOException {
        boolean there = all.next();
        if (!anyParsed && (there ? ordinal >= LINES_BEFORE_DOUBT : ordinal > 0)) {
            throw new RefusedFile(
                    IngestError.FILES_NOT_JSON,
                    "its first lines are no JSON; expected an object on each line, or one array of objects");
        }
        if (!there) {
            return false;
        }
        if (all.tooLong()) {
            misfit = new Misfit(IngestError.FILES_RECORD_TOO_LONG, "the line is longer than the limit");
        } else if (!StrictUtf8.valid(all.bytes(), 0, all.length())) {
            misfit = new Misfit(IngestError.FILES_BAD_ENCODING, "the line is not UTF-8");
        } else {
            try {
                JsonNode node = json.readTree(all.bytes(), 0, all.length());
                anyParsed |= node.isObject();
                take(node);
            } catch (JacksonException e) {
                misfit = new Misfit(IngestError.FILES_BAD_JSON, "the line is no JSON: " + told(e));
            }
        }
        return true;
    }

    private boolean nextElement() throws IOException {
        JsonParser elements = array;
        if (elements == null) {
            return false;
        }
        try {
            JsonToken token = elements.nextToken();
            if (token == JsonToken.END_ARRAY) {
                if (elements.nextToken() != null) {
                    throw new RefusedFile(IngestError.FILES_NOT_JSON, "more follows after its array");
                }
                return false;
            }
            if (token == null) {
                throw new RefusedFile(IngestError.FILES_NOT_JSON, "its array ends after record " + ordinal);
            }
            JsonNode node = elements.readValueAsTree();
            element = node.toString().getBytes(StandardCharsets.UTF_8);
            take(node);
            return true;
        } catch (JacksonException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new RefusedFile(IngestError.FILES_NOT_JSON, "after record " + ordinal + " it is no JSON: " + told(e));
        }
    }

    /// What is wrong, without the text itself.
    private static String told(JacksonException e) {
        String message = String.valueOf(e.getOriginalMessage());
        return e.getClass().getSimpleName()
                + (message.startsWith("Duplicate") ? ", a name stands twice" : "")
                + (e.getLocation() == null ? "" : ", column " + e.getLocation().getColumnNr());
    }

    private void take(JsonNode node) {
        if (!node.isObject()) {
            misfit = new Misfit(IngestError.FILES_BAD_JSON, "the record is no object");
            return;
        }
        Map<String, JsonValue> found = new LinkedHashMap<>();
        Map<String, String> spelt = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            String name = field.getKey();
            String key = CsvFile.fold(name);
            if (name.isBlank() || spelt.put(key, name) != null) {
                misfit = new Misfit(
                        IngestError.FILES_BAD_JSON,
                        "field '" + name + "' has no name or stands twice; upper and lower case count as the same");
                return;
            }
            if (RESERVED.contains(key)) {
                misfit = new Misfit(
                        IngestError.FILES_RESERVED_COLUMN, "field '" + name + "' is one that Levada adds itself");
                return;
            }
            try {
                JsonValue value = reader.apply(field.getValue());
                if (value.text() != null && value.text().indexOf('\0') >= 0) {
                    misfit = new Misfit(IngestError.FILES_BAD_VALUE, "field '" + name + "' holds a NUL character");
                    return;
                }
                found.put(key, value);
            } catch (IllegalArgumentException e) {
                misfit = new Misfit(IngestError.FILES_BAD_VALUE, "field '" + name + "': " + e.getMessage());
                return;
            }
        }
        values = found;
        names = spelt;
        List<String> unknown = checkColumns
                ? found.keySet().stream()
                        .filter(key -> !folded.contains(key))
                        .map(this::spelling)
                        .toList()
                : List.of();
        if (!unknown.isEmpty()) {
            misfit = new Misfit(IngestError.FILES_NEW_COLUMNS, "the table has no column " + String.join(", ", unknown));
        }
    }

    /// The values of the record by folded name.
    Map<String, JsonValue> values() {
        return values;
    }

    /// How the record spells a name.
    String spelling(String foldedName) {
        return names.getOrDefault(foldedName, foldedName);
    }

    @Override
    public long ordinal() {
        return ordinal;
    }

    @Override
    public @Nullable Misfit misfit() {
        return misfit;
    }

    @Override
    public int read(RowBatch row) {
        int cell = 0;
        for (String column : folded) {
            JsonValue value = values.get(column);
            if (value == null || value.text() == null) {
                row.none(cell);
            } else {
                byte[] text = value.text().getBytes(StandardCharsets.UTF_8);
                if (!row.take(cell, text, 0, text.length)) {
                    return cell;
                }
            }
            cell++;
        }
        return -1;
    }

    @Override
    public int length() {
        return lines == null ? element.length : lines.length();
    }

    @Override
    public byte[] raw(int max) {
        return lines == null
                ? Arrays.copyOf(element, Math.min(element.length, max))
                : Arrays.copyOf(lines.bytes(), Math.min(lines.length(), max));
    }

    @Override
    public boolean longerThan(int max) {
        return lines == null ? element.length > max : lines.tooLong() || lines.length() > max;
    }

    @Override
    public void close() throws IOException {
        content.rest().close();
    }
}
