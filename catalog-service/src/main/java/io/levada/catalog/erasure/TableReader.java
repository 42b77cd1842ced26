package io.levada.catalog.erasure;

import io.levada.catalog.CatalogError;
import io.levada.catalog.maintenance.MaintenanceException;
import io.levada.lake.LocalFileIO;
import io.levada.lake.storage.BorrowedFiles;
import io.levada.lake.storage.CopyFailure;
import io.levada.lake.storage.LocalCopies;
import io.levada.sql.DuckDbSettings;
import io.levada.sql.LakeSession;
import io.levada.sql.ParquetTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.CloseableIterable;

/// Finds files of a table and asks the engine about their rows.
public final class TableReader {
    private final DuckDbSettings engine;
    private final LocalCopies copies;

    /// @param copies of files in a bucket, which the engine reads
    public TableReader(DuckDbSettings engine, LocalCopies copies) {
        this.engine = engine;
        this.copies = copies;
    }

    /// Takes one row of a result.
    @FunctionalInterface
    public interface Rows {
        void row(ResultSet row) throws SQLException;
    }

    /// The files of the current snapshot that may hold rows.
    ///
    /// @throws MaintenanceException `REWRITE_UNSUPPORTED` where rows of one of them can not be taken out
    public static List<DataFile> files(BaseTable table, String name, Expression filter) {
        List<DataFile> files = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks =
                table.newScan().filter(filter).planFiles()) {
            for (FileScanTask task : tasks) {
                DataFile file = task.file();
                if (!task.deletes().isEmpty()
                        || file.format() != FileFormat.PARQUET
                        || file.keyMetadata() != null
                        || file.specId() != table.spec().specId()) {
                    throw new MaintenanceException(
                            CatalogError.REWRITE_UNSUPPORTED,
                            name + " has files with deleted rows, that are not plain Parquet, or of an earlier"
                                    + " partitioning, such as " + file.location(),
                            null);
                }
                files.add(file.copyWithoutStats());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The files of " + name + " can not be listed", e);
        }
        return files;
    }

    /// Runs a SELECT over rows of some files, which it names as `name`.
    ///
    /// @throws MaintenanceException where the engine or storage fails
    public void query(BaseTable table, String name, List<DataFile> files, String sql, Rows rows) {
        run(table, name, files, statement -> {
            try (ResultSet result = statement.executeQuery(sql)) {
                while (result.next()) {
                    rows.row(result);
                }
            }
        });
    }

    /// Runs a statement that gives no rows, likewise; it may write where the engine may read.
    ///
    /// @throws MaintenanceException as above
    public void execute(BaseTable table, String name, List<DataFile> files, String sql) {
        run(table, name, files, statement -> statement.execute(sql));
    }

    /// Works with a statement.
    @FunctionalInterface
    private interface Work {
        void with(Statement statement) throws SQLException;
    }

    private void run(BaseTable table, String name, List<DataFile> files, Work work) {
        List<String> locations = files.stream().map(DataFile::location).toList();
        try (BorrowedFiles sources = copies.borrow(table.io(), locations)) {
            ParquetTable local = new ParquetTable(name, table.schema(), locations)
                    .withFiles(
                            location -> LocalFileIO.path(sources.path(location)).toString());
            List<Path> readable = new ArrayList<>(engine.readable());
            local.files().forEach(file -> readable.add(Path.of(file).getParent()));
            DuckDbSettings settings = new DuckDbSettings(
                    engine.memoryMegabytes(),
                    engine.threads(),
                    engine.temporaryDirectory(),
                    readable.stream().distinct().toList());
            try (LakeSession session = LakeSession.open(settings, List.of(local));
                    Statement statement = session.connection().createStatement()) {
                work.with(statement);
            }
        } catch (SQLException | CopyFailure e) {
            throw new MaintenanceException(
                    CatalogError.REWRITE_FAILED, "The rows of " + name + " can not be read: " + e.getMessage(), e);
        }
    }

    /// How many rows of some files a predicate is true of.
    ///
    /// @throws MaintenanceException as above
    long count(BaseTable table, String name, List<DataFile> files, String rows) {
        long[] count = new long[1];
        if (!files.isEmpty()) {
            query(
                    table,
                    name,
                    files,
                    "SELECT count(*) FROM %s WHERE %s".formatted(LakeSession.quotedTable(name), rows),
                    row -> count[0] = row.getLong(1));
        }
        return count[0];
    }
}
