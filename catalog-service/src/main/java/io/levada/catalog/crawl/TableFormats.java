package io.levada.catalog.crawl;

import io.levada.catalog.CatalogError;
import io.levada.lake.storage.StorageTrouble;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.iceberg.io.FileInfo;

/// Folders that are tables of a table format: which of the files in them are live, only the format's own metadata says.
final class TableFormats {
    private static final String ICEBERG = "Iceberg";
    private static final Map<String, String> FORMATS =
            Map.of("_delta_log", "Delta Lake", ".hoodie", "Hudi", "metadata", ICEBERG);
    private static final Pattern ICEBERG_METADATA = Pattern.compile(".+\\.metadata\\.json(\\.gz)?");

    /// Of a folder of metadata outside of the crawled location no more is looked at.
    private static final int MOST_METADATA_FILES = 10_000;

    private final CrawlLocation location;

    /// By folder, relative to the location.
    private final Map<String, Managed> managed = new TreeMap<>();

    TableFormats(CrawlLocation location) {
        this.location = location;
    }

    /// @param newest the metadata file that was written last
    private record Managed(String format, FileInfo newest) {
        CrawlProblem problem(String folder) {
            return new CrawlProblem(
                    CatalogError.CRAWL_TABLE_FORMAT,
                    folder,
                    "The folder is a table of " + format + ": which of its files are live, only its metadata says"
                            + (format.equals(ICEBERG)
                                    ? "; the metadata file that was written last is " + newest.location()
                                    : ""));
        }

        Managed later(FileInfo other) {
            return other.createdAtMillis() > newest.createdAtMillis()
                            || other.createdAtMillis() == newest.createdAtMillis()
                                    && other.location().compareTo(newest.location()) > 0
                    ? new Managed(format, other)
                    : this;
        }
    }

    /// Whether a file is one of a format's metadata, which is noted.
    boolean note(FileInfo info, FoundFile file) {
        List<String> folders = file.folders();
        for (int i = 0; i < folders.size(); i++) {
            if (isMetadata(folders.get(i), file.name())) {
                Managed found = new Managed(FORMATS.getOrDefault(folders.get(i), ""), info);
                managed.merge(
                        String.join("/", folders.subList(0, i)), found, (known, next) -> known.later(next.newest()));
                return true;
            }
        }
        return false;
    }

    private static boolean isMetadata(String folder, String name) {
        String format = FORMATS.get(folder);
        return format != null
                && (!format.equals(ICEBERG) || ICEBERG_METADATA.matcher(name).matches());
    }

    /// Whether a file lies in one of the noted tables.
    boolean own(FoundFile file) {
        if (managed.isEmpty()) {
            return false;
        }
        String relative = file.relative();
        if (managed.containsKey("")) {
            return true;
        }
        for (int slash = relative.indexOf('/'); slash > 0; slash = relative.indexOf('/', slash + 1)) {
            if (managed.containsKey(relative.substring(0, slash))) {
                return true;
            }
        }
        return false;
    }

    /// What stands against the noted tables.
    List<CrawlProblem> problems() {
        return managed.entrySet().stream()
                .map(table -> table.getValue().problem(location.child(table.getKey())))
                .toList();
    }

    /// What stands against the location where it is itself a part of such a table.
    static Optional<CrawlProblem> above(CrawlLocation location) {
        for (String folder : location.above()) {
            for (Map.Entry<String, String> format : FORMATS.entrySet()) {
                Optional<CrawlProblem> found = newest(location, folder, format.getKey())
                        .map(metadata -> new Managed(format.getValue(), metadata).problem(folder));
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    /// A folder above that is not there, or may not be read, says nothing.
    private static Optional<FileInfo> newest(CrawlLocation location, String folder, String metadata) {
        Managed found = null;
        try {
            int seen = 0;
            for (FileInfo info : location.io().listPrefix(folder + "/" + metadata)) {
                String name = info.location().substring(info.location().lastIndexOf('/') + 1);
                if (isMetadata(metadata, name)) {
                    found = found == null ? new Managed(metadata, info) : found.later(info);
                }
                if (++seen == MOST_METADATA_FILES) {
                    break;
                }
            }
        } catch (RuntimeException e) {
            if (location.isBucket() && StorageTrouble.of(e) == StorageTrouble.AWAY) {
                throw new CrawlRefused(CatalogError.CRAWL_STORAGE_AWAY, CrawlLocation.words(e));
            }
        }
        return found == null ? Optional.empty() : Optional.of(found.newest());
    }
}
