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
    private final @Nullable String token;
    private final Path staging;
    private @Nullable LakeCatalog catalog;

    /// @param token that the catalog demands; null where it demands none
    /// @param staging a folder of this service alone for what is on its way into a bucket
    ConnectingLake(URI uri, @Nullable String token, Path staging) {
        this.uri = uri;
        this.token = token;
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
            existing = LakeCatalog.connect(uri, token, staging);
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
