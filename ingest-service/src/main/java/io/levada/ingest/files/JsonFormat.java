package io.levada.ingest.files;

import io.levada.events.RawColumns;
import io.levada.ingest.IngestError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// JSON lines and arrays, plain or MongoDB's: the values tell their types.
final class JsonFormat implements RecordFormat {
    /// More come of names that are values, such as ids.
    private static final int MOST_COLUMNS = 2_000;

    private final Function<@Nullable JsonNode, JsonValue> reader;
    private final int maxRecordBytes;

    private JsonFormat(Function<@Nullable JsonNode, JsonValue> reader, int maxRecordBytes) {
        this.reader = reader;
        this.maxRecordBytes = maxRecordBytes;
    }

    static JsonFormat plain(int maxRecordBytes) {
        return new JsonFormat(JsonValue::plain, maxRecordBytes);
    }

    static JsonFormat extended(int maxRecordBytes) {
        return new JsonFormat(ExtendedJson::of, maxRecordBytes);
    }

    @Override
    public Map<String, ColumnInference> columns(
            Path file, String name, Function<String, Set<ColumnInference.Kind>> possible) throws IOException {
        Map<String, ColumnInference> byName = new LinkedHashMap<>();
        Map<String, String> spellings = new LinkedHashMap<>();
        try (JsonFile records = JsonFile.open(file, name, reader, List.of(), maxRecordBytes)) {
            while (records != null && records.next()) {
                records.values().forEach((folded, value) -> {
                    spellings.putIfAbsent(folded, records.spelling(folded));
                    ColumnInference column = byName.computeIfAbsent(folded, _ -> new ColumnInference());
                    if (value.text() != null) {
                        column.add(value.kinds());
                        column.addDigits(value.integerDigits(), value.scale());
                    }
                });
                if (byName.size() > MOST_COLUMNS) {
                    throw new RefusedFile(
                            IngestError.FILES_BAD_HEADER,
                            "its records have more than " + MOST_COLUMNS + " different fields");
                }
            }
        }
        Map<String, ColumnInference> columns = new LinkedHashMap<>();
        byName.forEach((folded, column) -> columns.put(spellings.getOrDefault(folded, folded), column));
        return columns;
    }

    @Override
    public @Nullable FileRecords open(Path file, String name, Table table) throws IOException {
        List<String> columns = table.schema().columns().stream()
                .map(Types.NestedField::name)
                .filter(column -> !RawColumns.ALL.contains(column))
                .toList();
        return JsonFile.open(file, name, reader, columns, maxRecordBytes);
    }
}
