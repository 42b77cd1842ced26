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
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.NotFoundException;

/// The snapshots that one query reads, their files readable as local ones until this is closed.
final class BorrowedSnapshots implements AutoCloseable {
    private final LocalCopies copies;
    private final List<TableSnapshot> snapshots = new ArrayList<>();
    private final List<BorrowedFiles> borrowed = new ArrayList<>();

    BorrowedSnapshots(LocalCopies copies) {
        this.copies = copies;
    }

    /// Adds the newest snapshot of a table.
    ///
    /// @throws QueryException where its files can not be had
    void add(String name, Table table) {
        try {
            TableSnapshot snapshot = TableSnapshot.newest(name, table);
            BorrowedFiles files = copies.borrow(table.io(), snapshot.table().files());
            borrowed.add(files);
            snapshots.add(snapshot.withFiles(files::path));
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

    List<TableSnapshot> snapshots() {
        return List.copyOf(snapshots);
    }

    @Override
    public void close() {
        borrowed.forEach(BorrowedFiles::close);
    }
}
