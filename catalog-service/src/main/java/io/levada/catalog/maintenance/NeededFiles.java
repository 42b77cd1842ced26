package io.levada.catalog.maintenance;

import io.levada.catalog.CatalogError;
import io.levada.catalog.UnsettledEvents;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.PartitionStatisticsFile;
import org.apache.iceberg.StatisticsFile;
import org.apache.iceberg.TableMetadata;

/// The names of all files that something still needs: every snapshot of every table with its manifests, the metadata
/// files that a table's log names, statistics, and the files of events that are not settled.
///
/// Memory does not grow with the number of files.
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
        try {
            SnapshotFiles.each(metadata, metadata.snapshots(), table.io(), names::add);
        } catch (IOException | RuntimeException e) {
            throw new MaintenanceException(
                    CatalogError.ORPHANS_UNCERTAIN, "The metadata of " + name + " can not be read: " + e, e);
        }
    }
}
