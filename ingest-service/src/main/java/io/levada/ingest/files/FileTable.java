package io.levada.ingest.files;

import io.levada.definition.FileSource;
import io.levada.events.RawColumns;
import io.levada.events.TableProperties;
import io.levada.lake.LakeLayout;
import io.levada.lake.RawSchema;
import io.levada.lake.TableSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// The raw table of one watched folder. Its Iceberg schema is the truth about columns; what it lacks is inferred over
/// all the files that are at hand when the lack is seen, over every value of them.
///
/// Columns are matched by name, upper and lower case alike, as SQL does; the first spelling stays.
final class FileTable {
    private static final String ROW_GROUP_BYTES = Integer.toString(32 * 1024 * 1024);

    private final String source;
    private final String rawTable;
    private final Map<String, Type> declared;
    private final Tables tables;
    private final LakeLayout layout;
    private final FileFormat format;

    FileTable(
            String source,
            String rawTable,
            Map<String, Type> declared,
            Tables tables,
            LakeLayout layout,
            FileFormat format) {
        this.source = source;
        this.rawTable = rawTable;
        this.declared = declared;
        this.tables = tables;
        this.layout = layout;
        this.format = format;
    }

    FileFormat format() {
        return format;
    }

    /// A file to read columns from.
    ///
    /// @param name as it arrived
    record Content(Path path, String name) {}

    /// The types that a source's `columns:` declare, by folded name.
    ///
    /// @throws IllegalArgumentException where a type is none that text can be read as
    static Map<String, Type> declared(FileSource source) {
        Map<String, Type> types = new HashMap<>();
        source.columns().forEach((column, typeName) -> {
            Type type = Types.fromPrimitiveString(typeName);
            if (ValueForm.of(type, "text", true).isEmpty()) {
                throw new IllegalArgumentException("Source '" + source.name() + "', column '" + column + "': type "
                        + typeName + " can not be read from text; expected boolean, int, long, float, double, "
                        + "decimal(p,s), date, time, timestamp, timestamptz, uuid, binary (in base 64) or string");
            }
            types.put(CsvFile.fold(column), type);
        });
        return Map.copyOf(types);
    }

    boolean declares(String column) {
        return declared.containsKey(CsvFile.fold(column));
    }

    /// The table with every column that the files name. Files that can not be read add nothing.
    Table covering(List<Content> files) throws IOException {
        return covering(files, true);
    }

    /// The table with every column that the file names.
    ///
    /// @throws RefusedFile where the file can not be read
    Table covering(Content file) throws IOException {
        return covering(List.of(file), false);
    }

    private Table covering(List<Content> files, boolean passOverRefused) throws IOException {
        Optional<Table> existing = tables.load(rawTable);
        Set<String> known = existing.map(table -> table.schema().columns().stream()
                        .map(field -> CsvFile.fold(field.name()))
                        .collect(Collectors.toSet()))
                .orElse(Set.of());
        Map<String, Column> missing = new LinkedHashMap<>();
        for (Content file : files) {
            try {
                inferMissing(file, known, missing);
            } catch (RefusedFile e) {
                if (!passOverRefused) {
                    throw e;
                }
            }
        }
        if (existing.isPresent() && missing.isEmpty()) {
            return existing.get();
        }
        List<RawSchema.Column> columns = missing.values().stream()
                .map(column -> new RawSchema.Column(
                        column.name(),
                        declared.getOrDefault(
                                CsvFile.fold(column.name()), column.values().type())))
                .toList();
        return tables.createOrEvolve(new TableSpec(
                rawTable,
                RawSchema.ofFiles(columns),
                List.of(RawColumns.INGESTION_DATE),
                layout.rawTable(source, lakeName()),
                Map.of(
                        TableProperties.SOURCE,
                        source,
                        org.apache.iceberg.TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES,
                        ROW_GROUP_BYTES)));
    }

    /// The table's name without layer and source, which has a folder of its own.
    private String lakeName() {
        String name = rawTable.substring(rawTable.indexOf('.') + 1);
        return name.startsWith(source + "_") ? name.substring(source.length() + 1) : name;
    }

    private record Column(String name, ColumnInference values) {}

    /// Adds what one file tells of columns that the table lacks.
    private void inferMissing(Content content, Set<String> known, Map<String, Column> missing) throws IOException {
        Map<String, ColumnInference> columns = format.columns(
                content.path(), content.name(), name -> !known.contains(CsvFile.fold(name)) && !declares(name));
        columns.forEach((name, values) -> {
            if (!known.contains(CsvFile.fold(name))) {
                missing.computeIfAbsent(CsvFile.fold(name), _ -> new Column(name, new ColumnInference()))
                        .values()
                        .add(values);
            }
        });
    }
}
