package io.levada.catalog.crawl;

import io.levada.catalog.CatalogError;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// The partition columns of a data set: the keys in its paths, and their types.
///
/// @param files those that have just these keys, and values of these types
record Partitions(List<Types.NestedField> columns, List<FoundFile> files, Problems problems) {
    private static final int ANY_ID = 1;

    /// @param table the table where there is one already; null lets most files say which keys there are
    static Partitions of(List<FoundFile> files, @Nullable PartitionSpec table, @Nullable Schema schema) {
        Problems problems = new Problems();
        List<String> keys = table == null || schema == null
                ? mostFrequent(files)
                : table.fields().stream().map(field -> field.name()).toList();
        List<FoundFile> alike = new ArrayList<>();
        for (FoundFile file : files) {
            List<String> own = PartitionFolder.keys(PartitionFolder.in(file.folders()));
            if (own.equals(keys)) {
                alike.add(file);
            } else {
                problems.add(new CrawlProblem(
                        CatalogError.CRAWL_PARTITIONS,
                        file.location(),
                        "Its folders name " + (own.isEmpty() ? "no partition" : own)
                                + ", and the table is partitioned by " + (keys.isEmpty() ? "nothing" : keys)));
            }
        }
        List<Types.NestedField> columns = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            Type known = table == null || schema == null
                    ? null
                    : schema.findType(table.fields().get(i).sourceId());
            columns.add(Types.NestedField.optional(ANY_ID + i, keys.get(i), type(alike, i, known)));
        }
        List<FoundFile> fitting = new ArrayList<>();
        for (FoundFile file : alike) {
            Optional<String> trouble = trouble(file, columns);
            trouble.ifPresentOrElse(
                    detail -> problems.add(new CrawlProblem(CatalogError.CRAWL_PARTITIONS, file.location(), detail)),
                    () -> fitting.add(file));
        }
        return new Partitions(columns, fitting, problems);
    }

    private static List<String> mostFrequent(List<FoundFile> files) {
        Map<List<String>, Long> counts = files.stream()
                .map(file -> PartitionFolder.keys(PartitionFolder.in(file.folders())))
                .collect(Collectors.groupingBy(Function.identity(), HashMap::new, Collectors.counting()));
        return counts.entrySet().stream()
                .max(Map.Entry.<List<String>, Long>comparingByValue()
                        .thenComparing(entry -> entry.getKey().toString(), Comparator.reverseOrder()))
                .map(Map.Entry::getKey)
                .orElse(List.of());
    }

    /// The table's type, or that which it can be promoted to and which holds the new values too.
    private static Type type(List<FoundFile> files, int index, @Nullable Type known) {
        Set<String> values = new TreeSet<>();
        for (FoundFile file : files) {
            String value = PartitionFolder.in(file.folders()).get(index).value();
            if (value != null) {
                values.add(value);
            }
        }
        Type found = PartitionType.of(values);
        if (known == null) {
            return found;
        }
        return values.isEmpty() ? known : MergedColumns.merged(known, found).orElse(known);
    }

    private static Optional<String> trouble(FoundFile file, List<Types.NestedField> columns) {
        List<PartitionFolder> folders = PartitionFolder.in(file.folders());
        for (int i = 0; i < columns.size(); i++) {
            String value = folders.get(i).value();
            if (folders.get(i).isTooLong()) {
                return Optional.of(
                        "Its folder for the partition " + folders.get(i).key() + " has a name of more than "
                                + PartitionFolder.MOST_BYTES + " bytes, which no disk has for a copy");
            }
            if (value != null
                    && PartitionType.value(columns.get(i).type(), value).isEmpty()) {
                return Optional.of("Its partition " + folders.get(i).key() + " is '" + value
                        + "', and the table's is of type " + columns.get(i).type());
            }
        }
        return Optional.empty();
    }

    List<String> keys() {
        return columns.stream().map(Types.NestedField::name).toList();
    }

    /// The values in a file's path.
    static PartitionData values(FoundFile file, PartitionSpec spec) {
        PartitionData data = new PartitionData(spec.partitionType());
        List<PartitionFolder> folders = PartitionFolder.in(file.folders());
        for (int i = 0; i < folders.size(); i++) {
            String text = folders.get(i).value();
            Type type = spec.partitionType().fields().get(i).type();
            data.set(i, text == null ? null : PartitionType.value(type, text).orElseThrow());
        }
        return data;
    }
}
