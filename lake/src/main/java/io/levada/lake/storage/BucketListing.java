package io.levada.lake.storage;

import java.util.Iterator;
import java.util.function.Supplier;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SupportsPrefixOperations;

/// The objects whose keys begin with a prefix, a page at a time, whose trouble is that of a folder.
final class BucketListing implements Iterator<FileInfo> {
    private final String prefix;
    private final Iterator<FileInfo> objects;

    BucketListing(SupportsPrefixOperations bucket, String prefix) {
        this.prefix = prefix;
        this.objects = tried(() -> bucket.listPrefix(prefix).iterator());
    }

    @Override
    public boolean hasNext() {
        return tried(objects::hasNext);
    }

    @Override
    public FileInfo next() {
        return tried(objects::next);
    }

    private <T> T tried(Supplier<T> step) {
        try {
            return step.get();
        } catch (RuntimeException e) {
            throw BucketFailure.of("list", prefix, e);
        }
    }
}
