package io.levada.ingest.files;

import io.levada.definition.FileSource;
import io.levada.definition.OnSchemaChange;
import io.levada.events.RawColumns;
import io.levada.events.TableProperties;
import io.levada.ingest.IngestError;
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
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// The raw table of one watched folder. Its Iceberg schema is the truth about columns; what it lacks is inferred over
/// all the files that are at hand when the lack is seen, over every value of them.
///
/// Columns are matched by name, upper and lower case alike, as SQL does; the first spelling stays.
final class FileTable {
    static final String ROW_GROUP_BYTES = Integer.toString(32 * 1024 * 1024);

    private final String source;
    private final String rawTable;
    private final Map<String, Type> declared;
    private final Tables tables;
    private final LakeLayout layout;
    private final FileFormat format;
    private final OnSchemaChange onSchemaChange;

    FileTable(
            String source,
            String rawTable,
            Map<String, Type> declared,
            Tables tables,
            LakeLayout layout,
            FileFormat format,
            OnSchemaChange onSchemaChange) {
        this.source = source;
        this.rawTable = rawTable;
        this.declared = declared;
        this.tables = tables;
        this.layout = layout;
        this.format = format;
        this.onSchemaChange = onSchemaChange;
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
            if (ValueForm.of(type, true).isEmpty()) {
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
        Map<String, Types.NestedField> known = new HashMap<>();
        existing.ifPresent(table ->
                table.schema().columns().forEach(field -> known.put(CsvFile.fold(field.name()), field)));
        Map<String, Column> wanted = new LinkedHashMap<>();
        for (Content file : files) {
            try {
                infer(file, known, wanted);
            } catch (RefusedFile e) {
                if (!passOverRefused) {
                    throw e;
                }
            }
        }
        if (existing.isPresent() && settled(known.keySet()) && onSchemaChange != OnSchemaChange.EVOLVE) {
            if (onSchemaChange == OnSchemaChange.FREEZE && !passOverRefused) {
                refuseNew(wanted, known.keySet());
            }
            return existing.get();
        }
        List<RawSchema.Column> columns = wanted.entrySet().stream()
                .flatMap(entry -> column(entry.getValue(), known.get(entry.getKey())).stream())
                .toList();
        if (existing.isPresent() && columns.isEmpty()) {
            return existing.get();
        }
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

    /// Whether a file has given the table columns; before that there is nothing to keep.
    private static boolean settled(Set<String> known) {
        return known.stream().anyMatch(name -> !RawColumns.ALL.contains(name));
    }

    private static void refuseNew(Map<String, Column> wanted, Set<String> known) throws RefusedFile {
        List<String> added = wanted.entrySet().stream()
                .filter(entry -> !known.contains(entry.getKey()))
                .map(entry -> entry.getValue().name())
                .toList();
        if (!added.isEmpty()) {
            throw new RefusedFile(
                    IngestError.FILES_NEW_COLUMNS,
                    "the table has no column " + String.join(", ", added)
                            + "; `on-schema-change: evolve` would add it");
        }
    }

    /// A file that has nothing in common with the table was read with another delimiter than it has, or is no file of
    /// this table: its columns would stay in the table for ever.
    private void refuseForeign(Set<String> columns, Set<String> known) throws RefusedFile {
        boolean foreign = onSchemaChange == OnSchemaChange.EVOLVE
                && settled(known)
                && !columns.isEmpty()
                && columns.stream().noneMatch(name -> known.contains(CsvFile.fold(name)) || declares(name));
        if (foreign) {
            throw new RefusedFile(
                    IngestError.FILES_FOREIGN_COLUMNS,
                    "the table has none of its columns " + String.join(", ", columns)
                            + "; look at the delimiter, or name one of them under `columns:` where it belongs there");
        }
    }

    /// The column as the table is to have it; empty where the table has it so.
    private Optional<RawSchema.Column> column(Column seen, Types.@Nullable NestedField field) {
        if (field == null) {
            Type type = declared.getOrDefault(
                    CsvFile.fold(seen.name()), seen.values().type());
            return Optional.of(new RawSchema.Column(seen.name(), type));
        }
        boolean wider = seen.values().seen()
                && !declares(field.name())
                && !seen.values().type().equals(field.type())
                && field.type().isPrimitiveType()
                && TypeUtil.isPromotionAllowed(
                        field.type(), seen.values().type().asPrimitiveType());
        return wider
                ? Optional.of(new RawSchema.Column(field.name(), seen.values().type()))
                : Optional.empty();
    }

    /// The table's name without layer and source, which has a folder of its own.
    private String lakeName() {
        String name = rawTable.substring(rawTable.indexOf('.') + 1);
        return name.startsWith(source + "_") ? name.substring(source.length() + 1) : name;
    }

    private record Column(String name, ColumnInference values) {}

    /// Adds what one file tells of its columns.
    private void infer(Content content, Map<String, Types.NestedField> known, Map<String, Column> wanted)
            throws IOException {
        Map<String, ColumnInference> columns = format.columns(content.path(), content.name(), name -> {
            String key = CsvFile.fold(name);
            if (known.containsKey(key) || declares(name)) {
                return Set.of();
            }
            Column elsewhere = wanted.get(key);
            return (elsewhere == null ? new ColumnInference() : elsewhere.values()).kinds();
        });
        refuseForeign(columns.keySet(), known.keySet());
        columns.forEach((name, values) -> wanted.computeIfAbsent(
                        CsvFile.fold(name), _ -> new Column(name, new ColumnInference()))
                .values()
                .add(values));
    }
}
