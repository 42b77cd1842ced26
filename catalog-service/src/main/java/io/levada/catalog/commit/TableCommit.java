package io.levada.catalog.commit;

import io.levada.events.FilesWritten;
import io.levada.events.SnapshotInputs;
import io.levada.events.TablePosition;
import io.levada.events.TableProperties;
import io.levada.lake.WrittenFiles;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.Transactions;
import org.apache.iceberg.UpdateProperties;
import org.apache.iceberg.expressions.Expressions;

/// One atomic Iceberg commit: files and the table properties that say what the table now holds. It goes through only
/// where the batch's conditions hold on the base that it replaces.
final class TableCommit {
    private final Transaction transaction;

    private TableCommit(Transaction transaction) {
        this.transaction = transaction;
    }

    /// @param completeTo by source, for the snapshot's summary
    static TableCommit stage(BaseTable table, Batch batch, Map<String, TablePosition> completeTo) {
        Transaction transaction = Transactions.newTransaction(
                table.name(), new FencedOperations(table.operations(), base -> batch.holds(TableState.of(base))));
        List<DataFile> files = batch.events().stream()
                .flatMap(event -> event.files().stream())
                .map(file -> WrittenFiles.toDataFile(file, table.spec()))
                .toList();
        FilesWritten first = batch.events().getFirst();
        if (first.replace()) {
            OverwriteFiles overwrite = transaction.newOverwrite().overwriteByRowFilter(Expressions.alwaysTrue());
            files.forEach(overwrite::addFile);
            summarize(overwrite, batch, completeTo).commit();
        } else if (!files.isEmpty()) {
            AppendFiles append = transaction.newAppend();
            files.forEach(append::appendFile);
            summarize(append, batch, completeTo).commit();
        }
        UpdateProperties properties = transaction.updateProperties();
        PropertyChanges changes = batch.merged();
        changes.set().forEach(properties::set);
        changes.removed().forEach(properties::remove);
        properties.commit();
        return new TableCommit(transaction);
    }

    private static <T extends SnapshotUpdate<T>> SnapshotUpdate<T> summarize(
            SnapshotUpdate<T> update, Batch batch, Map<String, TablePosition> completeTo) {
        SnapshotInputs.of(batch.events()).entries().forEach(update::set);
        completeTo.forEach((source, position) -> update.set(TableProperties.COMPLETE_TO + source, position.text()));
        update.set(
                TableProperties.SUMMARY_EVENTS,
                batch.events().stream().map(FilesWritten::id).collect(Collectors.joining(",")));
        update.set(
                TableProperties.SUMMARY_CAUSE, batch.events().getFirst().cause().name());
        return update;
    }

    /// @throws FencedException where the batch's conditions do not hold any more
    /// @throws RuntimeException of Iceberg's; the outcome is then to be read from the table
    void run() {
        transaction.commitTransaction();
    }
}
