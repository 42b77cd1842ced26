package io.levada.catalog.crawl;

import io.levada.catalog.CatalogError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.Schema;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.iceberg.types.Types;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/// Looks at files one by one: which of them fit into one table, and what columns it then has.
final class Inspection {
    private static final int FORMAT_VERSION = 2;
    private static final int REMEMBERED = 1_000;

    private final Set<String> partitionColumns;
    private final MergedColumns columns;
    private final Map<MessageType, List<Types.NestedField>> understood = new HashMap<>();
    private final Set<MessageType> merged = new HashSet<>();
    private final List<FoundFile> sound = new ArrayList<>();
    private final Problems problems = new Problems();
    private long foreign;
    private boolean conflicts;

    /// @param columns what the table has already
    /// @param partitionKeys whose values are in the paths; a column of that name in a file is not read
    Inspection(MergedColumns columns, List<String> partitionKeys) {
        this.columns = columns;
        this.partitionColumns = partitionKeys.stream().map(Inspection::lower).collect(Collectors.toSet());
    }

    void look(FoundFile file, Footers.Read read) {
        switch (read) {
            case Footers.Read.Unreadable(CrawlProblem problem) -> problems.add(problem);
            case Footers.Read.Foreign(CrawlProblem problem) -> {
                if (file.isNamedParquet()) {
                    problems.add(problem);
                } else {
                    foreign++;
                }
            }
            case Footers.Read.Sound(ParquetMetadata footer) -> {
                MessageType type = footer.getFileMetaData().getSchema();
                if (merged.contains(type) || fits(file, type)) {
                    sound.add(file);
                }
            }
        }
    }

    private boolean fits(FoundFile file, MessageType type) {
        List<Types.NestedField> fields;
        try {
            fields = understood.containsKey(type) ? understood.get(type) : fields(type);
        } catch (RuntimeException e) {
            problem(CatalogError.CRAWL_TYPE_UNSUPPORTED, file, "A column can not be a table's: " + e.getMessage());
            return false;
        }
        List<MergedColumns.Conflict> found = columns.add(fields);
        if (!found.isEmpty()) {
            conflicts = true;
            problem(CatalogError.CRAWL_SCHEMA_CONFLICT, file, words(found));
        } else if (merged.size() < REMEMBERED) {
            merged.add(type);
        }
        if (understood.size() < REMEMBERED) {
            understood.put(type, fields);
        }
        return found.isEmpty();
    }

    private List<Types.NestedField> fields(MessageType type) {
        Set<String> names = new HashSet<>();
        for (Type field : type.getFields()) {
            if (!names.add(lower(field.getName()))) {
                throw new IllegalArgumentException(
                        "two columns are named " + field.getName() + ", upper and lower case alike");
            }
        }
        type.getFields().forEach(Inspection::refuseHalfFloats);
        Schema schema = ParquetSchemaUtil.convert(type);
        Schema.checkCompatibility(schema, FORMAT_VERSION);
        return schema.columns().stream()
                .filter(field -> !partitionColumns.contains(lower(field.name())))
                .toList();
    }

    /// Iceberg takes them for two bytes each, and no engine gives numbers then.
    private static void refuseHalfFloats(Type type) {
        if (type.getLogicalTypeAnnotation() instanceof LogicalTypeAnnotation.Float16LogicalTypeAnnotation) {
            throw new IllegalArgumentException(type.getName() + " is of the type FLOAT16");
        }
        if (!type.isPrimitive()) {
            type.asGroupType().getFields().forEach(Inspection::refuseHalfFloats);
        }
    }

    private static String words(List<MergedColumns.Conflict> conflicts) {
        return conflicts.stream()
                .map(conflict -> "Its column " + conflict.column() + " is " + conflict.found() + ", and the table's is "
                        + conflict.known())
                .collect(Collectors.joining("; "));
    }

    private void problem(CatalogError code, FoundFile file, String detail) {
        problems.add(new CrawlProblem(code, file.location(), detail));
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /// The files that can be the table's, in their order.
    List<FoundFile> sound() {
        return sound;
    }

    Problems problems() {
        return problems;
    }

    /// How many files without an extension are none of Parquet's.
    long foreign() {
        return foreign;
    }

    /// Whether types were met that can not be one.
    boolean conflicts() {
        return conflicts;
    }
}
