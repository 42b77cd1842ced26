package io.levada.transform.derived;

import io.levada.lake.storage.BorrowedFiles;
import io.levada.lake.storage.CopyFailure;
import io.levada.lake.storage.LocalCopies;
import io.levada.sql.ParquetTable;
import io.levada.transform.TransformError;
import io.levada.transform.TransformException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.iceberg.exceptions.NotFoundException;

/// The inputs of one computation, their files readable as local ones until this is closed.
final class BorrowedInputs implements AutoCloseable {
    private final List<ParquetTable> tables = new ArrayList<>();
    private final List<BorrowedFiles> borrowed = new ArrayList<>();

    private BorrowedInputs() {}

    /// @throws TransformException where their files can not be had
    static BorrowedInputs of(LocalCopies copies, Collection<InputSnapshot> snapshots) {
        BorrowedInputs inputs = new BorrowedInputs();
        boolean complete = false;
        try {
            snapshots.forEach(snapshot -> inputs.add(copies, snapshot));
            complete = true;
            return inputs;
        } finally {
            if (!complete) {
                inputs.close();
            }
        }
    }

    private void add(LocalCopies copies, InputSnapshot snapshot) {
        try {
            ParquetTable table = snapshot.parquet();
            BorrowedFiles files = copies.borrow(snapshot.table().io(), table.locations());
            borrowed.add(files);
            tables.add(table.withFiles(files::path));
        } catch (CopyFailure e) {
            throw new TransformException(code(e.kind()), snapshot.name() + ": " + e.getMessage(), e);
        } catch (UncheckedIOException | NotFoundException e) {
            throw new TransformException(
                    TransformError.STORAGE_UNAVAILABLE, snapshot.name() + ": " + e.getMessage(), e);
        }
    }

    private static TransformError code(CopyFailure.Kind kind) {
        return switch (kind) {
            case TOO_LARGE -> TransformError.CACHE_TOO_SMALL;
            case DISK_FULL -> TransformError.RESOURCES_EXHAUSTED;
            case STORAGE -> TransformError.STORAGE_UNAVAILABLE;
        };
    }

    List<ParquetTable> tables() {
        return List.copyOf(tables);
    }

    @Override
    public void close() {
        borrowed.forEach(BorrowedFiles::close);
    }
}
