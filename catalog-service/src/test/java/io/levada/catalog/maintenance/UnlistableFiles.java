package io.levada.catalog.maintenance;

import io.levada.lake.LocalFileIO;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.SupportsPrefixOperations;

/// Local files in folders that storage does not list.
final class UnlistableFiles implements FileIO, SupportsPrefixOperations {
    private final LocalFileIO files = new LocalFileIO();

    @Override
    public InputFile newInputFile(String path) {
        return files.newInputFile(path);
    }

    @Override
    public OutputFile newOutputFile(String path) {
        return files.newOutputFile(path);
    }

    @Override
    public void deleteFile(String path) {
        files.deleteFile(path);
    }

    @Override
    public Iterable<FileInfo> listPrefix(String prefix) {
        throw new RuntimeIOException("Storage is away");
    }

    @Override
    public void deletePrefix(String prefix) {
        files.deletePrefix(prefix);
    }
}
