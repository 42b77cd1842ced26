package io.levada.catalog.maintenance;

import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.StructLike;

/// Files of one partition that become one file, in the order in which their rows are to stand in it.
///
/// @param path of the partition; empty for an unpartitioned table
public record RewriteGroup(String path, List<DataFile> files) {
    public RewriteGroup {
        files = List.copyOf(files);
    }

    StructLike partition() {
        return files.getFirst().partition();
    }

    List<String> locations() {
        return files.stream().map(DataFile::location).toList();
    }

    long bytes() {
        return files.stream().mapToLong(DataFile::fileSizeInBytes).sum();
    }

    long rows() {
        return files.stream().mapToLong(DataFile::recordCount).sum();
    }
}
