package io.levada.catalog.database;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.function.Function;
import org.apache.iceberg.TableMetadata;

/// Metadata by the location of its file, which never changes: a table that did not change is not parsed again. Safe for
/// use by several threads.
final class MetadataCache {
    /// About the heap that it may take.
    private static final long MOST_BYTES = 32L << 20;

    private static final int BYTES_OF_SNAPSHOT = 2_000;
    private static final int BYTES_OF_FIELD = 200;
    private static final int BYTES_OF_LOG_ENTRY = 300;
    private static final int LEAST_BYTES = 4_000;

    private final Cache<String, TableMetadata> byLocation = Caffeine.newBuilder()
            .maximumWeight(MOST_BYTES)
            .weigher(MetadataCache::bytes)
            .executor(Runnable::run)
            .build();

    /// @param read reads the file where it is not known yet
    TableMetadata metadata(String location, Function<String, TableMetadata> read) {
        TableMetadata known = byLocation.getIfPresent(location);
        if (known != null) {
            return known;
        }
        TableMetadata metadata = read.apply(location);
        byLocation.put(location, metadata);
        return metadata;
    }

    private static int bytes(String location, TableMetadata metadata) {
        long fields = metadata.schemas().stream()
                .mapToLong(schema -> schema.columns().size())
                .sum();
        long bytes = LEAST_BYTES
                + (long) metadata.snapshots().size() * BYTES_OF_SNAPSHOT
                + fields * BYTES_OF_FIELD
                + (long) metadata.previousFiles().size() * BYTES_OF_LOG_ENTRY
                + metadata.properties().entrySet().stream()
                        .mapToLong(entry -> 100L
                                + entry.getKey().length()
                                + entry.getValue().length())
                        .sum();
        return (int) Math.min(bytes, Integer.MAX_VALUE);
    }
}
