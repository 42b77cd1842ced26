package io.levada.sql;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;

/// Parquet files that somebody else wrote, where they lie: without field ids of ours, and with the values of partition
/// columns in their paths only, as Hive writes them (`key=value`, percent-encoded).
///
/// @param root what they lie below: a resolved folder, or `s3://bucket/prefix`
/// @param partitions the key in the path, by column
/// @param names of a column in the files, by column, in the order in which they are looked for; where a column is
///     absent it has its own name
/// @param places of the files on this machine, in the same order
public record InPlaceFiles(
        String root,
        List<String> files,
        Map<String, String> partitions,
        Map<String, List<String>> names,
        List<String> places) {
    private static final String NULL = "__HIVE_DEFAULT_PARTITION__";

    /// The name under which DuckDB gives a row's path; no column of a table is called so.
    private static final String PATH = "levada path";

    public InPlaceFiles {
        files = List.copyOf(files);
        partitions = Map.copyOf(partitions);
        names = Map.copyOf(names);
        places = List.copyOf(places);
        if (places.size() != files.size()) {
            throw new IllegalArgumentException(places.size() + " places of " + files.size() + " files");
        }
    }

    /// Files that are read where they lie.
    public InPlaceFiles(
            String root, List<String> files, Map<String, String> partitions, Map<String, List<String>> names) {
        this(root, files, partitions, names, files);
    }

    /// The same files, read elsewhere.
    InPlaceFiles at(UnaryOperator<String> place) {
        return new InPlaceFiles(
                root, files, partitions, names, files.stream().map(place).toList());
    }

    private boolean isRemote() {
        return root.contains("://");
    }

    /// The same files on this machine: where they are copies, whose paths say nothing of partitions, they are linked to
    /// from folders that do.
    ///
    /// @param folder for the links, which need not be there
    InPlaceFiles linked(Path folder) throws IOException {
        if (!isRemote() || partitions.isEmpty()) {
            return this;
        }
        Path real = Files.createDirectories(folder).toRealPath();
        List<String> links = new ArrayList<>();
        Set<Path> made = new HashSet<>();
        for (int i = 0; i < files.size(); i++) {
            Path own = real;
            for (String part : files.get(i).substring(root.length()).split("/")) {
                own = part.indexOf('=') > 0 ? own.resolve(part) : own;
            }
            if (made.add(own)) {
                Files.createDirectories(own);
            }
            Path link = own.resolve(i + ".parquet");
            links.add(Files.createSymbolicLink(link, Path.of(places.get(i)).toAbsolutePath())
                    .toString());
        }
        return new InPlaceFiles(real.toString(), links, partitions, names);
    }

    /// The folder that an engine may read for them; empty where it is not what it says it is.
    Optional<Path> folder() {
        if (isRemote()) {
            return Optional.empty();
        }
        try {
            Path folder = Path.of(root);
            boolean resolved = folder.isAbsolute()
                    && folder.getParent() != null
                    && folder.toRealPath().equals(folder);
            return resolved ? Optional.of(folder) : Optional.empty();
        } catch (IOException e) {
            // Gone: the engine says so of each file that it can not read.
            return Optional.empty();
        }
    }

    /// What a FROM clause reads the rows of the files with.
    String relation(Schema schema) {
        Map<String, String> read = new LinkedHashMap<>();
        List<String> selected = new ArrayList<>();
        for (Types.NestedField field : schema.columns()) {
            String key = partitions.get(field.name());
            selected.add((key == null ? column(field, read) : partition(field, key)) + " AS "
                    + LakeSession.quoted(field.name()));
        }
        String entries = read.entrySet().stream()
                .map(entry -> LakeSession.literal(entry.getKey()) + ": " + entry.getValue())
                .collect(Collectors.joining(", ", "MAP {", "}"));
        return "(SELECT " + String.join(", ", selected) + " FROM read_parquet("
                + places.stream().map(InPlaceFiles::exactly).collect(Collectors.joining(",", "[", "]"))
                + ", hive_partitioning = false, filename = " + LakeSession.literal(PATH)
                + (read.isEmpty() ? "" : ", schema = " + entries) + "))";
    }

    /// DuckDB takes a path with these characters for a pattern.
    private static String exactly(String file) {
        return LakeSession.literal(file.replaceAll("([*?\\[])", "[$1]"));
    }

    /// @param read entries of DuckDB's schema, by the name in the files; upper and lower case are alike there
    private String column(Types.NestedField field, Map<String, String> read) {
        Map<String, String> spelled = new LinkedHashMap<>();
        names.getOrDefault(field.name(), List.of(field.name()))
                .forEach(name -> spelled.putIfAbsent(name.toLowerCase(Locale.ROOT), name));
        List<String> columns = new ArrayList<>();
        for (String name : spelled.values()) {
            String as = columns.isEmpty() ? field.name() : "levada " + columns.size() + " " + field.name();
            read.put(
                    name,
                    "{name: " + LakeSession.literal(as) + ", type: " + LakeSession.literal(DuckDbTypes.of(field.type()))
                            + ", default_value: NULL}");
            columns.add(LakeSession.quoted(as));
        }
        // DuckDB 2.0.0 fails where it reads one field of a struct that a file does not have.
        return columns.size() == 1 && !field.type().isStructType()
                ? columns.getFirst()
                : "coalesce(" + String.join(", ", columns) + ", NULL)";
    }

    private String partition(Types.NestedField field, String key) {
        String pattern = "/" + key.replaceAll("([^A-Za-z0-9_])", "\\\\$1") + "=([^/]*)/";
        return "CAST(url_decode(nullif(regexp_extract(substr(" + LakeSession.quoted(PATH) + ", "
                + (root.codePointCount(0, root.length()) + 1)
                + "), " + LakeSession.literal(pattern) + ", 1), '" + NULL + "')) AS "
                + DuckDbTypes.of(field.type()) + ")";
    }
}
