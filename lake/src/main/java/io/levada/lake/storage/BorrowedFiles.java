package io.levada.lake.storage;

import java.util.Collection;
import java.util.Map;
import java.util.Objects;

/// Local paths of data files, which stay readable until this is closed. Closing it twice does nothing more.
public final class BorrowedFiles implements AutoCloseable {
    private final Map<String, String> paths;
    private final Runnable release;
    private boolean closed;

    /// @param paths by location
    BorrowedFiles(Map<String, String> paths, Runnable release) {
        this.paths = Map.copyOf(paths);
        this.release = release;
    }

    public boolean isEmpty() {
        return paths.isEmpty();
    }

    /// The path of a file that was asked for.
    public String path(String location) {
        return Objects.requireNonNull(paths.get(location), location);
    }

    /// The paths of all files, in no order.
    public Collection<String> paths() {
        return paths.values();
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            release.run();
        }
    }
}
