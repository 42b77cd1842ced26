package io.levada.catalog.crawl;

import io.levada.catalog.CatalogError;
import io.levada.lake.storage.StorageTrouble;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileInfo;
import org.jspecify.annotations.Nullable;

/// What lies below a location, sorted by what becomes of it.
///
/// Hidden files and folders (`_...`, `....`) are left out, as everywhere in the field.
///
/// @param sets Parquet files by table, and files without an extension, which may be such: Hive writes them
/// @param texts folders with CSV or JSON, which a file source takes in, by format
/// @param ignored how many other files there are
record Found(List<DataSet> sets, Map<String, Set<String>> texts, Problems problems, long ignored) {
    /// What a crawl holds of each file takes some 200 bytes.
    static final int MOST_FILES = 500_000;

    /// Each is a commit of its own.
    static final int MOST_TABLES = 1_000;

    /// Folders that advice is given on.
    private static final int MOST_TEXTS = 100;

    private static final Set<String> PARQUET = Set.of("parquet", "parq", "pq");
    private static final Map<String, String> TEXTS =
            Map.of("csv", "csv", "tsv", "csv", "json", "json", "jsonl", "json", "ndjson", "json");

    /// Two magics of four bytes.
    private static final int LEAST_BYTES = 8;

    /// @param table for all Parquet files together; null makes one of each folder that holds files or partitions
    /// @throws CrawlRefused where the location can not be listed, or holds too much
    static Found in(CrawlLocation location, @Nullable String table, Progress progress) {
        Optional<CrawlProblem> above = TableFormats.above(location);
        if (above.isPresent()) {
            Problems problems = new Problems();
            problems.add(above.get());
            return new Found(List.of(), Map.of(), problems, 0);
        }
        Sorting sorting = new Sorting(location, table, progress);
        try {
            for (FileInfo file : location.files(sorting.links::take)) {
                sorting.take(file);
            }
        } catch (UncheckedIOException | NotFoundException e) {
            throw unlisted(location, e);
        }
        return sorting.found();
    }

    private static CrawlRefused unlisted(CrawlLocation location, RuntimeException e) {
        return switch (StorageTrouble.of(e)) {
            case MISSING ->
                location.isBucket()
                        ? new CrawlRefused(
                                CatalogError.CRAWL_BUCKET_MISSING, "There is no bucket of " + location.root())
                        : new CrawlRefused(
                                CatalogError.CRAWL_LOCATION, "It went while it was listed: " + CrawlLocation.words(e));
            case FORBIDDEN -> new CrawlRefused(CatalogError.CRAWL_FORBIDDEN, CrawlLocation.words(e));
            case AWAY -> new CrawlRefused(CatalogError.CRAWL_STORAGE_AWAY, CrawlLocation.words(e));
        };
    }

    static boolean isHidden(List<String> parts) {
        return parts.stream()
                .anyMatch(part -> part.startsWith(".")
                        || part.startsWith("_") && PartitionFolder.of(part).isEmpty());
    }

    /// `parquet`, the format of a file source, or nothing of both; empty where the name has no extension to tell.
    static Optional<String> formatByName(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        String plain = lower.endsWith(".gz") ? lower.substring(0, lower.length() - 3) : lower;
        int dot = plain.lastIndexOf('.');
        if (dot < 0) {
            return Optional.empty();
        }
        String extension = plain.substring(dot + 1);
        return Optional.of(
                PARQUET.contains(extension) && plain.equals(lower) ? "parquet" : TEXTS.getOrDefault(extension, ""));
    }

    private static final class Sorting {
        private final CrawlLocation location;
        private final @Nullable String table;
        private final Progress progress;
        private final Map<String, List<FoundFile>> byFolder = new TreeMap<>();
        private final Map<String, Set<String>> texts = new TreeMap<>();
        private final TableFormats formats;
        private final Links links;
        private final Problems problems = new Problems();
        private long files;
        private long ignored;

        Sorting(CrawlLocation location, @Nullable String table, Progress progress) {
            this.location = location;
            this.table = table;
            this.progress = progress;
            this.formats = new TableFormats(location);
            this.links = new Links(location);
        }

        void take(FileInfo info) {
            FoundFile file = location.file(info);
            List<String> folders = file.folders();
            // Consoles make an object of no bytes for a folder.
            boolean folder = info.location().endsWith("/");
            if (folder || formats.note(info, file) || isHidden(folders) || isHidden(List.of(file.name()))) {
                return;
            }
            Optional<String> outside = location.outside(file);
            if (outside.isPresent()) {
                problems.add(new CrawlProblem(CatalogError.CRAWL_FILE_OUTSIDE, file.location(), outside.get()));
                return;
            }
            String format = Found.formatByName(file.name()).orElse(file.bytes() < LEAST_BYTES ? "" : "parquet");
            if (format.equals("parquet")) {
                add(file, String.join("/", root(folders)));
            } else if (format.isEmpty()) {
                ignored++;
            } else {
                Set<String> known = texts.computeIfAbsent(format, _ -> new TreeSet<>());
                if (known.size() < MOST_TEXTS) {
                    known.add(location.child(String.join("/", root(folders))));
                }
            }
        }

        private void add(FoundFile file, String folder) {
            if (++files > MOST_FILES) {
                throw new CrawlRefused(
                        CatalogError.CRAWL_TOO_LARGE,
                        location.root() + " holds more than " + MOST_FILES + " Parquet files");
            }
            byFolder.computeIfAbsent(folder, _ -> new ArrayList<>()).add(file);
            if (byFolder.size() > MOST_TABLES) {
                throw new CrawlRefused(
                        CatalogError.CRAWL_TOO_LARGE,
                        "The Parquet files below " + location.root() + " would be more than " + MOST_TABLES
                                + " tables");
            }
            progress.found(1);
        }

        private List<String> root(List<String> folders) {
            if (table != null) {
                return List.of();
            }
            return folders.stream()
                    .takeWhile(folder -> PartitionFolder.of(folder).isEmpty())
                    .toList();
        }

        Found found() {
            formats.problems().forEach(problems::add);
            links.problems().forEach(problems::add);
            List<DataSet> sets = new ArrayList<>();
            byFolder.forEach((folder, all) -> {
                all.removeIf(formats::own);
                if (!all.isEmpty()) {
                    sets.add(new DataSet(name(folder), location.child(folder), all));
                }
            });
            return new Found(sets, texts, problems, ignored);
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
