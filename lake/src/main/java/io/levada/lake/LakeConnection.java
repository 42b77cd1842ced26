package io.levada.lake;

import java.io.UncheckedIOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.exceptions.RESTException;
import org.jspecify.annotations.Nullable;

/// Reads the lake's catalog, and connects when it is first asked and that works, so that services may
/// start in any order. Safe for use by several threads.
public final class LakeConnection implements AutoCloseable {
    private final URI uri;
    private final @Nullable String token;
    private @Nullable LakeCatalog catalog;

    private LakeConnection(URI uri, @Nullable String token) {
        this.uri = uri;
        this.token = token;
    }

    /// Asks nothing yet.
    ///
    /// @param uri of the Iceberg REST catalog
    public static LakeConnection to(URI uri) {
        return to(uri, null);
    }

    /// Asks nothing yet.
    ///
    /// @param uri of the Iceberg REST catalog
    /// @param token that it demands; null where it demands none
    public static LakeConnection to(URI uri, @Nullable String token) {
        return new LakeConnection(uri, token);
    }

    /// `namespace.name` of all tables, sorted.
    ///
    /// @throws LakeUnreachableException where the catalog does not answer
    public List<String> tables() {
        return ask(lake -> lake.iceberg().listNamespaces().stream()
                .map(Namespace::toString)
                .flatMap(namespace -> lake.tables(namespace).stream())
                .sorted()
                .toList());
    }

    /// The table's newest state.
    ///
    /// @throws LakeUnreachableException where the catalog does not answer
    public Optional<Table> load(String table) {
        return ask(lake -> lake.load(table));
    }

    /// Whether the catalog answers now.
    public boolean reachable() {
        try {
            return ask(lake -> lake.iceberg().listNamespaces()) != null;
        } catch (LakeUnreachableException _) {
            return false;
        }
    }

    private <T> T ask(Function<LakeCatalog, T> question) {
        try {
            return question.apply(connected());
        } catch (RESTException | UncheckedIOException e) {
            throw new LakeUnreachableException(uri, e);
        }
    }

    private synchronized LakeCatalog connected() {
        if (catalog == null) {
            catalog = LakeCatalog.connect(uri, token);
        }
        return catalog;
    }

    @Override
    public synchronized void close() {
        if (catalog != null) {
            catalog.close();
        }
    }
}
