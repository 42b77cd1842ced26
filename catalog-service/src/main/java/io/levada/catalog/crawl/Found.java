package io.levada.catalog.crawl;

import io.levada.catalog.CatalogError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/// What lies below a location, sorted by what becomes of it.
///
/// Hidden files and folders (`_...`, `....`) are left out, as everywhere in the field.
///
/// @param sets Parquet files by table
/// @param texts folders with CSV or JSON, which a file source takes in, by format
/// @param ignored how many other files there are
record Found(List<DataSet> sets, Map<String, Set<String>> texts, List<CrawlProblem> problems, long ignored) {
    private static final Set<String> PARQUET = Set.of("parquet", "parq", "pq");
    private static final Map<String, String> TEXTS =
            Map.of("csv", "csv", "tsv", "csv", "json", "json", "jsonl", "json", "ndjson", "json");
    private static final Map<String, String> FORMATS =
            Map.of("_delta_log", "Delta Lake", ".hoodie", "Hudi", "metadata", "Iceberg");
    private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

    /// @param table for all Parquet files together; null makes one of each folder that holds files or partitions
    static Found in(CrawlLocation location, @Nullable String table) {
        Sorting sorting = new Sorting(location, table);
        for (FileInfo file : location.io().listPrefix(location.root())) {
            sorting.take(file);
        }
        return sorting.found();
    }

    private static final class Sorting {
        private final CrawlLocation location;
        private final @Nullable String table;
        private final Map<String, List<FoundFile>> byFolder = new TreeMap<>();
        private final Map<String, String> managed = new TreeMap<>();
        private final Map<String, Set<String>> texts = new TreeMap<>();
        private final List<CrawlProblem> problems = new ArrayList<>();
        private long ignored;

        Sorting(CrawlLocation location, @Nullable String table) {
            this.location = location;
            this.table = table;
        }

        void take(FileInfo info) {
            FoundFile file = new FoundFile(info.location(), location.relative(info.location()), info.size());
            List<String> folders = file.folders();
            if (isManaged(folders, file.name()) || isHidden(folders) || isHidden(List.of(file.name()))) {
                return;
            }
            Optional<String> outside = location.outside(file);
            if (outside.isPresent()) {
                problems.add(new CrawlProblem(CatalogError.CRAWL_FILE_OUTSIDE, file.location(), outside.get()));
                return;
            }
            String format = format(file);
            if (format.equals("parquet")) {
                byFolder.computeIfAbsent(String.join("/", root(folders)), _ -> new ArrayList<>())
                        .add(file);
            } else if (format.isEmpty()) {
                ignored++;
            } else {
                texts.computeIfAbsent(format, _ -> new TreeSet<>())
                        .add(location.child(String.join("/", root(folders))));
            }
        }

        /// Notes folders whose live files only another table format knows.
        private boolean isManaged(List<String> folders, String name) {
            for (int i = 0; i < folders.size(); i++) {
                String format = FORMATS.get(folders.get(i));
                if (format != null && (!format.equals("Iceberg") || name.endsWith(".metadata.json"))) {
                    managed.put(String.join("/", folders.subList(0, i)), format);
                    return true;
                }
            }
            return false;
        }

        private static boolean isHidden(List<String> parts) {
            return parts.stream()
                    .anyMatch(part -> part.startsWith(".")
                            || part.startsWith("_") && PartitionFolder.of(part).isEmpty());
        }

        private List<String> root(List<String> folders) {
            if (table != null) {
                return List.of();
            }
            return folders.stream()
                    .takeWhile(folder -> PartitionFolder.of(folder).isEmpty())
                    .toList();
        }

        private String format(FoundFile file) {
            String name = file.name().toLowerCase(Locale.ROOT);
            String plain = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
            int dot = plain.lastIndexOf('.');
            if (dot < 0) {
                return isParquet(file) ? "parquet" : "";
            }
            String extension = plain.substring(dot + 1);
            return PARQUET.contains(extension) && plain.equals(name) ? "parquet" : TEXTS.getOrDefault(extension, "");
        }

        /// Hive writes names without an extension.
        private boolean isParquet(FoundFile file) {
            if (file.bytes() < 2 * MAGIC.length) {
                return false;
            }
            try (SeekableInputStream stream =
                    location.io().newInputFile(file.location()).newStream()) {
                return Arrays.equals(stream.readNBytes(MAGIC.length), MAGIC);
            } catch (IOException | RuntimeException e) {
                problems.add(new CrawlProblem(CatalogError.CRAWL_FILE_BROKEN, file.location(), String.valueOf(e)));
                return false;
            }
        }

        Found found() {
            managed.forEach((folder, format) -> problems.add(new CrawlProblem(
                    CatalogError.CRAWL_TABLE_FORMAT,
                    location.child(folder),
                    "The folder is a table of " + format + ": which of its files are live, only its metadata says")));
            List<DataSet> sets = new ArrayList<>();
            byFolder.forEach((folder, files) -> {
                files.removeIf(file -> managed.keySet().stream().anyMatch(root -> isBelow(file.relative(), root)));
                if (!files.isEmpty()) {
                    files.sort(Comparator.comparing(FoundFile::relative));
                    sets.add(new DataSet(name(folder), location.child(folder), files));
                }
            });
            return new Found(sets, texts, problems, ignored);
        }

        private static boolean isBelow(String relative, String folder) {
            return folder.isEmpty() || relative.startsWith(folder + "/");
        }

        private String name(String folder) {
            if (table != null) {
                return table;
            }
            String root = location.root();
            return CrawlLocation.table(
                    folder.isEmpty() ? root.substring(root.lastIndexOf('/') + 1) : folder.replace('/', '_'));
        }
    }
}
