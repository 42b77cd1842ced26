package io.levada.catalog.glue;

import java.util.Map;
import java.util.function.Supplier;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/// The lake's file IO for one table's operations. GlueTableOperations makes one of its own for every table that is
/// loaded, by name, and on S3 each would have its own client and ask for credentials of its own: this one uses that
/// which the catalog has.
public final class BorrowedFileIO implements FileIO {
    private static final ScopedValue<FileIO> LENT = ScopedValue.newInstance();

    private final FileIO files = LENT.get();

    /// For Iceberg, which makes it by reflection, while one is lent.
    public BorrowedFileIO() {}

    /// Every one that is made meanwhile uses `files`, and does not close it.
    static <T> T lend(FileIO files, Supplier<T> meanwhile) {
        return ScopedValue.where(LENT, files).call(meanwhile::get);
    }

    @Override
    public void initialize(Map<String, String> properties) {
        // The lent one is ready.
    }

    @Override
    public Map<String, String> properties() {
        return files.properties();
    }

    @Override
    public InputFile newInputFile(String location) {
        return files.newInputFile(location);
    }

    @Override
    public InputFile newInputFile(String location, long length) {
        return files.newInputFile(location, length);
    }

    @Override
    public OutputFile newOutputFile(String location) {
        return files.newOutputFile(location);
    }

    @Override
    public void deleteFile(String location) {
        files.deleteFile(location);
    }

    @Override
    public void close() {
        // Its owner closes it.
    }
}
