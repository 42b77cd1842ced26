package io.levada.transform;

import io.levada.lake.LakeCatalog;
import io.levada.lake.TableSpec;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/// The catalog that catalog-service serves, connected to when it is first needed: it may start later than this service.
final class ConnectingLake implements LakeTables, AutoCloseable {
    private final URI uri;
    private final Path staging;
    private @Nullable LakeCatalog catalog;

    /// @param staging a folder of this service alone for what is on its way into a bucket
    ConnectingLake(URI uri, Path staging) {
        this.uri = uri;
        this.staging = staging;
    }

    @Override
    public Optional<Table> load(String name) {
        return connected().load(name);
    }

    @Override
    public Table create(TableSpec spec) {
        return connected().createOrEvolve(spec);
    }

    private synchronized LakeCatalog connected() {
        LakeCatalog existing = catalog;
        if (existing == null) {
            existing = LakeCatalog.connect(uri, staging);
            catalog = existing;
        }
        return existing;
    }

    @Override
    public synchronized void close() {
        if (catalog != null) {
            catalog.close();
        }
    }
}
