package io.levada.query.api;

import io.levada.lake.storage.BorrowedFiles;
import io.levada.lake.storage.CopyFailure;
import io.levada.lake.storage.LocalCopies;
import io.levada.query.QueryError;
import io.levada.sql.QueryException;
import io.levada.sql.TableSnapshot;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.NotFoundException;

/// The snapshots that one query reads, their files readable as local ones until this is closed.
final class BorrowedSnapshots implements AutoCloseable {
    private final LocalCopies copies;
    private final List<BorrowedFiles> borrowed = new ArrayList<>();

    BorrowedSnapshots(LocalCopies copies) {
        this.copies = copies;
    }

    /// Plans a snapshot of a table, and borrows its files.
    ///
    /// @throws QueryException where its files can not be had
    TableSnapshot borrow(String name, Table table, Supplier<TableSnapshot> plan) {
        try {
            TableSnapshot snapshot = plan.get();
            BorrowedFiles files = copies.borrow(table.io(), snapshot.table().locations());
            borrowed.add(files);
            return snapshot.withFiles(files::path);
        } catch (CopyFailure e) {
            throw new QueryException(code(e.kind()), name + ": " + e.getMessage(), e);
        } catch (UncheckedIOException | NotFoundException e) {
            throw new QueryException(QueryError.STORAGE_UNAVAILABLE, name + ": " + e.getMessage(), e);
        }
    }

    private static QueryError code(CopyFailure.Kind kind) {
        return switch (kind) {
            case TOO_LARGE -> QueryError.CACHE_TOO_SMALL;
            case DISK_FULL -> QueryError.DISK_FULL;
            case STORAGE -> QueryError.STORAGE_UNAVAILABLE;
        };
    }

    @Override
    public void close() {
        borrowed.forEach(BorrowedFiles::close);
    }
}
