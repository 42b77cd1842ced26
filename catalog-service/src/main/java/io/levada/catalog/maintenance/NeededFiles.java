package io.levada.catalog.maintenance;

import io.levada.catalog.CatalogError;
import io.levada.catalog.UnsettledEvents;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.PartitionStatisticsFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotParser;
import org.apache.iceberg.StatisticsFile;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;

/// The names of all files that something still needs: every snapshot of every table with its manifests, the metadata
/// files that a table's log names, statistics, and the files of events that are not settled.
///
/// Memory does not grow with the number of files; the set of one table's manifests is held while it is read.
final class NeededFiles {
    private static final Pattern RUN = Pattern.compile("/run_id=([^/]+)/");

    private final NameFilter names = new NameFilter();

    boolean mayNeed(String location) {
        return names.mayContain(location);
    }

    /// Remembers that a file of a run is there.
    void addRunOf(String location) {
        Matcher run = RUN.matcher(location);
        if (run.find()) {
            names.add("run " + run.group(1));
        }
    }

    boolean mayHaveRunOf(String location) {
        Matcher run = RUN.matcher(location);
        return !run.find() || names.mayContain("run " + run.group(1));
    }

    /// @throws MaintenanceException where an event can not be read: nobody knows which files it names
    void add(UnsettledEvents events) {
        try {
            events.read(unsettled -> {
                if (unsettled.event() == null) {
                    throw new MaintenanceException(
                            CatalogError.ORPHANS_UNCERTAIN,
                            "An event of " + unsettled.table() + " that is not settled can not be read",
                            null);
                }
                unsettled.event().files().forEach(file -> {
                    names.add(file.path());
                    addRunOf(file.path());
                });
            });
        } catch (MaintenanceException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new MaintenanceException(
                    CatalogError.ORPHANS_UNCERTAIN, "The events that are not settled can not be read: " + e, e);
        }
    }

    /// @throws MaintenanceException where a file of the table's metadata can not be read
    void add(BaseTable table, String name) {
        TableMetadata metadata = table.operations().current();
        names.add(metadata.metadataFileLocation());
        metadata.previousFiles().forEach(file -> names.add(file.file()));
        metadata.statisticsFiles().stream().map(StatisticsFile::path).forEach(names::add);
        metadata.partitionStatisticsFiles().stream()
                .map(PartitionStatisticsFile::path)
                .forEach(names::add);
        Set<String> manifests = new HashSet<>();
        try {
            for (Snapshot snapshot : metadata.snapshots()) {
                // A snapshot keeps the manifests that it has read: this copy of it goes with them.
                Snapshot copy = SnapshotParser.fromJson(SnapshotParser.toJson(snapshot));
                if (copy.manifestListLocation() != null) {
                    names.add(copy.manifestListLocation());
                }
                for (ManifestFile manifest : copy.allManifests(table.io())) {
                    if (manifests.add(manifest.path())) {
                        names.add(manifest.path());
                        add(manifest, table.io(), metadata);
                    }
                }
            }
        } catch (IOException | RuntimeException e) {
            throw new MaintenanceException(
                    CatalogError.ORPHANS_UNCERTAIN, "The metadata of " + name + " can not be read: " + e, e);
        }
    }

    private void add(ManifestFile manifest, FileIO io, TableMetadata metadata) throws IOException {
        if (manifest.content() == ManifestContent.DATA) {
            try (CloseableIterable<String> paths = ManifestFiles.readPaths(manifest, io, metadata.specsById())) {
                paths.forEach(names::add);
            }
        } else {
            try (CloseableIterable<DeleteFile> files =
                    ManifestFiles.readDeleteManifest(manifest, io, metadata.specsById())) {
                files.forEach(file -> names.add(file.location()));
            }
        }
    }
}
