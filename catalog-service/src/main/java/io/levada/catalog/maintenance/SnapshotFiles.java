package io.levada.catalog.maintenance;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotParser;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;

/// The locations of all files that snapshots name: manifest lists, manifests, data files and delete files.
public final class SnapshotFiles {
    private SnapshotFiles() {}

    /// Memory holds the set of the snapshots' manifests, and what the consumer keeps.
    ///
    /// @param each takes every location, some of them more than once
    /// @throws IOException or RuntimeException where a file of the metadata can not be read
    public static void each(TableMetadata metadata, Iterable<Snapshot> snapshots, FileIO io, Consumer<String> each)
            throws IOException {
        Set<String> manifests = new HashSet<>();
        for (Snapshot snapshot : snapshots) {
            // A snapshot keeps the manifests that it has read: this copy of it goes with them.
            Snapshot copy = SnapshotParser.fromJson(SnapshotParser.toJson(snapshot));
            if (copy.manifestListLocation() != null) {
                each.accept(copy.manifestListLocation());
            }
            for (ManifestFile manifest : copy.allManifests(io)) {
                if (manifests.add(manifest.path())) {
                    each.accept(manifest.path());
                    each(manifest, io, metadata, each);
                }
            }
        }
    }

    private static void each(ManifestFile manifest, FileIO io, TableMetadata metadata, Consumer<String> each)
            throws IOException {
        if (manifest.content() == ManifestContent.DATA) {
            try (CloseableIterable<String> paths = ManifestFiles.readPaths(manifest, io, metadata.specsById())) {
                paths.forEach(each);
            }
        } else {
            try (CloseableIterable<DeleteFile> files =
                    ManifestFiles.readDeleteManifest(manifest, io, metadata.specsById())) {
                files.forEach(file -> each.accept(file.location()));
            }
        }
    }
}
