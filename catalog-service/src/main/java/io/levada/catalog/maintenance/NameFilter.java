package io.levada.catalog.maintenance;

import io.levada.lake.LocalFileIO;
import java.security.SecureRandom;
import org.apache.parquet.column.values.bloomfilter.BlockSplitBloomFilter;
import org.apache.parquet.io.api.Binary;

/// A set of file names in a fixed number of bytes. It never denies a name that was added; it may claim one that was
/// not, by chance another one each time, so that a file that is kept by mistake goes with a later run.
final class NameFilter {
    /// Five million names with less than one mistake in a thousand.
    private static final int BYTES = 16 << 20;

    private final BlockSplitBloomFilter filter = new BlockSplitBloomFilter(BYTES);
    private final String salt = Long.toHexString(new SecureRandom().nextLong());

    void add(String location) {
        filter.insertHash(hash(location));
    }

    boolean mayContain(String location) {
        return filter.findHash(hash(location));
    }

    private long hash(String location) {
        return filter.hash(Binary.fromString(salt + normal(location)));
    }

    /// One spelling of a location: a local path without scheme and without dots, all else as it is.
    static String normal(String location) {
        return location.startsWith("file:") || location.startsWith("/")
                ? LocalFileIO.path(location).normalize().toString()
                : location;
    }
}
