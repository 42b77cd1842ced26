package io.levada.catalog.crawl;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestWriter;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.TableOperations;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes the descriptions of data files as they come, so that no more than those of one manifest are in memory.
final class Manifests implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Manifests.class);
    private static final int FILES_OF_A_MANIFEST = 5_000;

    private final TableOperations operations;
    private final PartitionSpec spec;
    private final List<ManifestFile> written = new ArrayList<>();
    private @Nullable ManifestWriter<DataFile> writer;
    private int described;

    Manifests(TableOperations operations, PartitionSpec spec) {
        this.operations = operations;
        this.spec = spec;
    }

    void add(DataFile file) {
        ManifestWriter<DataFile> open = writer;
        if (open == null) {
            open = ManifestFiles.write(
                    operations.current().formatVersion(),
                    spec,
                    operations
                            .io()
                            .newOutputFile(operations.metadataFileLocation("crawl-" + UUID.randomUUID() + ".avro")),
                    null);
            writer = open;
        }
        open.add(file);
        if (++described % FILES_OF_A_MANIFEST == 0) {
            finish();
        }
    }

    private void finish() {
        ManifestWriter<DataFile> open = writer;
        if (open != null) {
            writer = null;
            try {
                open.close();
            } catch (IOException e) {
                throw new UncheckedIOException("A manifest can not be written", e);
            }
            written.add(open.toManifestFile());
        }
    }

    /// All of them, durable.
    List<ManifestFile> written() {
        finish();
        return written;
    }

    /// Lets go of one that is not finished; no snapshot will name it.
    @Override
    public void close() {
        ManifestWriter<DataFile> open = writer;
        if (open != null) {
            writer = null;
            try {
                open.close();
            } catch (IOException | RuntimeException e) {
                LOG.atDebug().setCause(e).log("A manifest that is not needed did not close");
            }
        }
    }
}
