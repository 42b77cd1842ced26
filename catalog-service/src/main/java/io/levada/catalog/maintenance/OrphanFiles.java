package io.levada.catalog.maintenance;

import io.levada.catalog.CatalogError;
import io.levada.catalog.MaintenanceStep;
import io.levada.catalog.MaintenanceSteps;
import io.levada.catalog.UnsettledEvents;
import io.levada.lake.LakeLayout;
import io.levada.lake.LocalFileIO;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SupportsPrefixOperations;

/// Deletes the files that nothing names any more. Nothing else in catalog-service deletes a data file.
///
/// A file goes when it lies in a table's folder, is older than a limit, and is none of [NeededFiles]; the folder of a
/// dropped table goes once the marker that the drop left in it is as old; a run's manifest goes when it is as old and
/// no file of the run is left. What is needed is read first and the folders are listed after it. Where there is
/// something to delete, all of that is done once more after a pause, so that a producer that Kafka or the catalog kept
/// waiting for longer than the limit can offer its files before. Where anything can not be read, nothing is deleted.
final class OrphanFiles {
    private static final Pattern RAW_RUN = Pattern.compile("/ingestion_date=(\\d{4}-\\d{2}-\\d{2})/run_id=([^/]+)/");
    private static final Pattern PURGE_MARKER = Pattern.compile("(.+)/metadata/purge-[^/]+\\.json");

    private final Catalog catalog;
    private final UnsettledEvents events;
    private final LakeLayout layout;
    private final FileIO lakeFiles;
    private final MaintenanceSteps steps;
    private final Clock clock;
    private final Pause pause;

    /// Waits between two looks.
    @FunctionalInterface
    interface Pause {
        /// @return false where the service stops
        boolean pass();
    }

    /// @param lakeFiles reads the lake's folder
    OrphanFiles(
            Catalog catalog,
            UnsettledEvents events,
            LakeLayout layout,
            FileIO lakeFiles,
            MaintenanceSteps steps,
            Clock clock,
            Pause pause) {
        this.catalog = catalog;
        this.events = events;
        this.layout = layout;
        this.lakeFiles = lakeFiles;
        this.steps = steps;
        this.clock = clock;
        this.pause = pause;
    }

    /// @param tables what was deleted, by table
    /// @param manifests of runs without files
    /// @param purged what was deleted of dropped tables
    record Outcome(Map<String, Deleted> tables, Deleted manifests, Deleted purged) {
        static final Outcome NOTHING = new Outcome(Map.of(), Deleted.NONE, Deleted.NONE);
    }

    record Deleted(long files, long bytes) {
        static final Deleted NONE = new Deleted(0, 0);

        Deleted and(FileInfo file) {
            return new Deleted(files + 1, bytes + file.size());
        }
    }

    /// @throws MaintenanceException `ORPHANS_UNCERTAIN`; nothing more is deleted then
    Outcome delete(Duration olderThan) {
        try {
            if (new Look(olderThan, false).run().equals(Outcome.NOTHING) || !pause.pass()) {
                return Outcome.NOTHING;
            }
            return new Look(olderThan, true).run();
        } catch (MaintenanceException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new MaintenanceException(CatalogError.ORPHANS_UNCERTAIN, "Files that nothing names stay: " + e, e);
        }
    }

    /// One look at all folders.
    private final class Look {
        private final long before;
        private final boolean delete;
        private final NeededFiles needed = new NeededFiles();
        private final TableLocations locations;

        Look(Duration olderThan, boolean delete) {
            this.before = clock.millis() - olderThan.toMillis();
            this.delete = delete;
            // In this order: an event that is settled in between is in the table by then.
            needed.add(events);
            this.locations = TableLocations.of(catalog, (name, table) -> needed.add(table, name));
        }

        Outcome run() {
            Map<String, Deleted> tables = new TreeMap<>();
            locations.tables().forEach((name, table) -> {
                Deleted deleted = table(name, table);
                if (deleted.files() > 0) {
                    tables.put(name, deleted);
                }
            });
            Deleted purged = purged();
            Deleted manifests = manifests();
            return new Outcome(tables, manifests, purged);
        }

        private Deleted table(String name, TableLocations.Entry table) {
            String place = TableLocations.place(table.location());
            if (locations.tablesAt(place) > 1) {
                return Deleted.NONE;
            }
            requireOwnMetadata(name, table, place);
            Deleted deleted = Deleted.NONE;
            for (FileInfo file : list(table.io(), table.location())) {
                String location = NameFilter.normal(file.location());
                if (isOrphan(location, file, place)) {
                    remove(table.io(), file, name);
                    deleted = deleted.and(file);
                } else {
                    needed.addRunOf(location);
                }
            }
            return deleted;
        }

        /// A listing that does not show the table's metadata file spells names in another way than the table
        /// does.
        private void requireOwnMetadata(String name, TableLocations.Entry table, String place) {
            String metadata = NameFilter.normal(table.metadata());
            if (!metadata.startsWith(place + "/")) {
                return;
            }
            String folder = metadata.substring(0, metadata.lastIndexOf('/'));
            for (FileInfo file : list(table.io(), folder)) {
                if (NameFilter.normal(file.location()).equals(metadata)) {
                    return;
                }
            }
            if (catalog.tableExists(io.levada.lake.LakeCatalog.identifier(name))
                    && table.io().newInputFile(metadata).exists()) {
                throw new MaintenanceException(
                        CatalogError.ORPHANS_UNCERTAIN,
                        "The listing of " + table.location() + " does not show the table's own file " + metadata,
                        null);
            }
        }

        private boolean isOrphan(String location, FileInfo file, String place) {
            return file.createdAtMillis() < before
                    && location.startsWith(place + "/")
                    && !isHidden(location.substring(place.length()))
                    && !locations.isOthers(location, place)
                    && !needed.mayNeed(location)
                    && !hasYoungManifest(location);
        }

        /// A run of which the manifest was written a short while ago may still be offered.
        private boolean hasYoungManifest(String location) {
            Matcher run = RAW_RUN.matcher(location);
            if (!run.find()) {
                return false;
            }
            String manifest = layout.manifest(LocalDate.parse(run.group(1)), run.group(2));
            if (!lakeFiles.newInputFile(manifest).exists()) {
                return false;
            }
            for (FileInfo file : list(lakeFiles, manifest.substring(0, manifest.lastIndexOf('/')))) {
                if (file.createdAtMillis() >= before) {
                    return true;
                }
            }
            return false;
        }

        private Deleted purged() {
            Map<String, List<FileInfo>> markers = new TreeMap<>();
            for (FileInfo file : lake()) {
                Matcher marker = PURGE_MARKER.matcher(NameFilter.normal(file.location()));
                if (marker.matches() && file.createdAtMillis() < before && !locations.touches(marker.group(1))) {
                    markers.computeIfAbsent(marker.group(1), _ -> new ArrayList<>())
                            .add(file);
                }
            }
            Deleted[] deleted = {Deleted.NONE};
            markers.forEach((place, files) -> {
                boolean all = true;
                for (FileInfo file : list(lakeFiles, place)) {
                    String location = NameFilter.normal(file.location());
                    boolean isMarker = PURGE_MARKER.matcher(location).matches();
                    boolean goes = file.createdAtMillis() < before && !needed.mayNeed(location);
                    all &= isMarker || goes;
                    if (!isMarker && goes) {
                        remove(lakeFiles, file, place);
                        deleted[0] = deleted[0].and(file);
                    }
                }
                if (all) {
                    // Last, so that a stop before it is made up for.
                    for (FileInfo file : files) {
                        remove(lakeFiles, file, place);
                        deleted[0] = deleted[0].and(file);
                    }
                }
            });
            return deleted[0];
        }

        private Deleted manifests() {
            Deleted deleted = Deleted.NONE;
            String place = layout.root() + "/raw/_manifests";
            for (FileInfo file : lake()) {
                String location = NameFilter.normal(file.location());
                if (location.startsWith(NameFilter.normal(place) + "/")
                        && location.endsWith("/manifest.json")
                        && file.createdAtMillis() < before
                        && !needed.mayHaveRunOf(location)) {
                    remove(lakeFiles, file, place);
                    deleted = deleted.and(file);
                }
            }
            return deleted;
        }

        private void remove(FileIO io, FileInfo file, String of) {
            if (!delete) {
                return;
            }
            steps.reached(MaintenanceStep.BEFORE_DELETE, of);
            try {
                io.deleteFile(file.location());
            } catch (NotFoundException _) {
                // It is gone, which is what is wanted.
            }
        }
    }

    private Iterable<FileInfo> lake() {
        boolean isThere =
                !layout.root().startsWith("/") || java.nio.file.Files.isDirectory(LocalFileIO.path(layout.root()));
        return isThere ? list(lakeFiles, layout.root()) : List.of();
    }

    private static Iterable<FileInfo> list(FileIO io, String prefix) {
        if (io instanceof SupportsPrefixOperations lister) {
            return lister.listPrefix(prefix.endsWith("/") ? prefix : prefix + "/");
        }
        throw new MaintenanceException(
                CatalogError.ORPHANS_UNCERTAIN, "Files under " + prefix + " can not be listed", null);
    }

    /// As in other engines' clean-up: a name that begins with a dot or an underscore is not the table's, unless
    /// it is that of a partition.
    private static boolean isHidden(String path) {
        for (String part : path.split("/", -1)) {
            if ((part.startsWith("_") || part.startsWith(".")) && !part.contains("=")) {
                return true;
            }
        }
        return false;
    }
}
