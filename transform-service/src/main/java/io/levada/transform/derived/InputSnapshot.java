package io.levada.transform.derived;

import io.levada.lake.ContentSnapshot;
import io.levada.sql.ParquetTable;
import io.levada.sql.TableFiles;
import io.levada.transform.TransformError;
import io.levada.transform.TransformException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;

/// An input at the snapshot that it had when it was looked at.
///
/// @param snapshotId to read; [#EMPTY] where the table has none yet
/// @param contentId of its rows ([ContentSnapshot]): what a result says that it follows from
record InputSnapshot(String name, Table table, long snapshotId, long contentId) {
    /// Stands for the state of a table before its first snapshot, as in Iceberg's own metadata.
    static final long EMPTY = -1;

    static InputSnapshot of(String name, Table table) {
        Snapshot snapshot = table.currentSnapshot();
        return snapshot == null
                ? new InputSnapshot(name, table, EMPTY, EMPTY)
                : new InputSnapshot(name, table, snapshot.snapshotId(), ContentSnapshot.id(snapshot));
    }

    /// The snapshot's files as the engine reads them.
    ///
    /// @throws TransformException `INPUT_DELETES`
    ParquetTable parquet() {
        List<String> files = new ArrayList<>();
        if (snapshotId != EMPTY) {
            try (CloseableIterable<FileScanTask> tasks =
                    table.newScan().useSnapshot(snapshotId).planFiles()) {
                for (FileScanTask task : tasks) {
                    if (!task.deletes().isEmpty()) {
                        throw new TransformException(
                                TransformError.INPUT_DELETES,
                                "Snapshot " + snapshotId + " of " + name + " deletes rows of "
                                        + task.file().location());
                    }
                    files.add(task.file().location());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return TableFiles.of(name, table, table.schema(), files);
    }
}
