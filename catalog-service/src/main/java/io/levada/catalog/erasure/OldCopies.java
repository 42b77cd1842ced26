package io.levada.catalog.erasure;

import io.levada.catalog.AnnouncedSnapshots;
import io.levada.catalog.CatalogError;
import io.levada.catalog.MaintenanceStep;
import io.levada.catalog.MaintenanceSteps;
import io.levada.catalog.SnapshotAnnouncer;
import io.levada.catalog.commit.FencedException;
import io.levada.catalog.maintenance.MaintenanceException;
import io.levada.catalog.maintenance.RewriteCommit;
import io.levada.catalog.maintenance.SnapshotFiles;
import io.levada.catalog.maintenance.TableLocations;
import io.levada.events.Cause;
import io.levada.lake.storage.LocalCopies;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.ExpireSnapshots;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;
import tools.jackson.databind.json.JsonMapper;

/// What a table's older snapshots still hold of rows that its current one has not any more: manifests that tell of
/// replaced files, the snapshots, and their files.
///
/// What is to be deleted is written down in a file beside the table's metadata before snapshots expire, so that a crash
/// forgets nothing; and a file that a snapshot names when it is about to be deleted stays.
final class OldCopies {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Catalog catalog;
    private final RewriteCommit rewrites;
    private final LocalCopies local;
    private final AnnouncedSnapshots announced;
    private final SnapshotAnnouncer announcer;
    private final MaintenanceSteps steps;

    /// @param local copies of files in a bucket that are deleted with the files
    OldCopies(
            Catalog catalog,
            RewriteCommit rewrites,
            LocalCopies local,
            AnnouncedSnapshots announced,
            SnapshotAnnouncer announcer,
            MaintenanceSteps steps) {
        this.catalog = catalog;
        this.rewrites = rewrites;
        this.local = local;
        this.announced = announced;
        this.announcer = announcer;
        this.steps = steps;
    }

    /// Makes a snapshot whose manifests do not tell of files that were replaced: their bounds hold values of
    /// rows.
    ///
    /// @return that snapshot's sequence number; empty where somebody committed meanwhile
    Optional<Long> forgetReplaced(String name, BaseTable table, String runId) {
        Snapshot current = Objects.requireNonNull(table.currentSnapshot(), name);
        if (current.allManifests(table.io()).stream().noneMatch(OldCopies::tellsOfReplaced)) {
            return Optional.of(current.sequenceNumber());
        }
        try {
            rewrites.commit(
                    table,
                    runId,
                    Cause.ERASURE,
                    fenced -> fenced.rewriteManifests()
                            .clusterBy(file -> file.partition().toString())
                            .rewriteIf(OldCopies::tellsOfReplaced));
        } catch (FencedException | CommitFailedException _) {
            return Optional.empty();
        }
        announcer.announce(name);
        table.refresh();
        return Optional.of(table.currentSnapshot().sequenceNumber());
    }

    private static boolean tellsOfReplaced(ManifestFile manifest) {
        return manifest.deletedFilesCount() == null || manifest.deletedFilesCount() > 0;
    }

    /// The snapshots that are to expire: all but the current one and those before it back to a
    /// sequence number.
    ///
    /// @throws MaintenanceException `ERASURE_BLOCKED` where a tag or branch names one of them
    static List<Snapshot> old(String name, BaseTable table, long kept) {
        Set<Long> chain = FollowingTables.chain(table, kept).stream()
                .map(Snapshot::snapshotId)
                .collect(Collectors.toSet());
        if (chain.isEmpty()) {
            throw new MaintenanceException(
                    CatalogError.ERASURE_BLOCKED, name + " was set back to a snapshot from before the erasure", null);
        }
        List<Snapshot> old = StreamSupport.stream(table.snapshots().spliterator(), false)
                .filter(snapshot -> !chain.contains(snapshot.snapshotId()))
                .toList();
        for (Snapshot snapshot : old) {
            for (var ref : table.refs().entrySet()) {
                SnapshotRef named = ref.getValue();
                if (named.snapshotId() == snapshot.snapshotId()) {
                    throw new MaintenanceException(
                            CatalogError.ERASURE_BLOCKED,
                            "%s %s of %s names a snapshot from before the erasure"
                                    .formatted(named.isTag() ? "Tag" : "Branch", ref.getKey(), name),
                            null);
                }
            }
        }
        return old;
    }

    /// Whether all that is to expire is announced, and something that stays too.
    boolean areAnnounced(String name, BaseTable table, long kept) {
        return announced
                .last(name)
                .filter(last ->
                        FollowingTables.chain(table, kept).stream().anyMatch(snapshot -> snapshot.snapshotId() == last))
                .isPresent();
    }

    /// Writes down which files in the table's folder only these snapshots name.
    /// What lies elsewhere is not ours.
    Erasure.Place list(String name, BaseTable table, Erasure.Place place, List<Snapshot> old) {
        Set<String> files = new TreeSet<>();
        Set<Long> expiring = old.stream().map(Snapshot::snapshotId).collect(Collectors.toSet());
        String folder = TableLocations.place(table.location()) + "/";
        names(name, table, old, file -> {
            if (TableLocations.place(file).startsWith(folder)) {
                files.add(file);
            }
        });
        names(
                name,
                table,
                StreamSupport.stream(table.snapshots().spliterator(), false)
                        .filter(snapshot -> !expiring.contains(snapshot.snapshotId()))
                        .toList(),
                files::remove);
        String location = table.operations().metadataFileLocation("erased-" + UUID.randomUUID() + ".json");
        try (PositionOutputStream out = table.io().newOutputFile(location).create()) {
            out.write(JSON.writeValueAsBytes(files));
        } catch (IOException e) {
            throw new UncheckedIOException("The files of " + name + " can not be noted at " + location, e);
        }
        return place.listed(location, old.size(), files.size());
    }

    private static void names(
            String name, BaseTable table, List<Snapshot> snapshots, java.util.function.Consumer<String> each) {
        try {
            SnapshotFiles.each(table.operations().current(), snapshots, table.io(), each);
        } catch (IOException e) {
            throw new UncheckedIOException("The metadata of " + name + " can not be read", e);
        }
    }

    void expire(String name, BaseTable table, List<Snapshot> old) {
        if (!old.isEmpty()) {
            steps.reached(MaintenanceStep.BEFORE_EXPIRY, name);
            ExpireSnapshots expiry = table.expireSnapshots().expireOlderThan(0).cleanExpiredFiles(false);
            old.forEach(snapshot -> expiry.expireSnapshotId(snapshot.snapshotId()));
            expiry.commit();
            steps.reached(MaintenanceStep.EXPIRY_COMMITTED, name);
        }
    }

    /// Deletes the files that were written down, and the list.
    ///
    /// @return how many
    int delete(String name, BaseTable table, String list) {
        InputFile listed = table.io().newInputFile(list);
        if (!listed.exists()) {
            return 0;
        }
        Set<String> files = new HashSet<>(read(listed));
        names(
                name,
                table,
                StreamSupport.stream(table.snapshots().spliterator(), false).toList(),
                files::remove);
        for (String file : files) {
            steps.reached(MaintenanceStep.BEFORE_DELETE, name);
            try {
                table.io().deleteFile(file);
            } catch (NotFoundException _) {
                // It is gone, which is what is wanted.
            }
        }
        local.forget(files);
        // Last, so that a stop before it is made up for.
        table.io().deleteFile(list);
        return files.size();
    }

    private static List<String> read(InputFile list) {
        try (SeekableInputStream in = list.newStream()) {
            return List.of(JSON.readValue(in, String[].class));
        } catch (IOException e) {
            throw new UncheckedIOException(list.location() + " can not be read", e);
        }
    }
}
