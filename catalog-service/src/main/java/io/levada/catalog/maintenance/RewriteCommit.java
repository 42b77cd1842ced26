package io.levada.catalog.maintenance;

import io.levada.catalog.CatalogError;
import io.levada.catalog.commit.FencedException;
import io.levada.catalog.commit.FencedOperations;
import io.levada.events.Cause;
import io.levada.events.TableProperties;
import io.levada.lake.ContentSnapshot;
import io.levada.lake.LakeCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.util.SnapshotUtil;

/// Commits snapshots that change no row: new files for old ones, new manifests for old ones.
///
/// The summary names the snapshot whose rows are kept, so the base of every attempt must still have those rows; where
/// something was committed meanwhile, the commit is staged anew on that. Replaced files must all be in the table still
/// and have no deletes: a result of which that is not true is dropped. Nothing is deleted here, whatever the outcome.
public final class RewriteCommit {
    /// Between two attempts somebody else has committed.
    private static final int MOST_ATTEMPTS = 20;

    private final Catalog catalog;

    public RewriteCommit(Catalog catalog) {
        this.catalog = catalog;
    }

    /// Puts new files in place of old ones.
    ///
    /// @param runId of the new files
    /// @param planned the snapshot that the old files were read in
    /// @return those that are in the table now; the others were dropped, since their old files are not in it
    ///     any more
    List<Rewritten> replace(String name, String runId, List<Rewritten> results, long planned) {
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            try {
                BaseTable table = (BaseTable) catalog.loadTable(LakeCatalog.identifier(name));
                if (holds(table, runId)) {
                    return results;
                }
                List<Rewritten> possible = stillThere(table, results);
                if (possible.isEmpty()) {
                    return List.of();
                }
                commit(table, runId, fenced -> {
                    RewriteFiles rewrite = fenced.newRewrite().validateFromSnapshot(planned);
                    for (Rewritten result : possible) {
                        result.group().files().forEach(rewrite::deleteFile);
                        rewrite.addFile(result.file());
                    }
                    return rewrite;
                });
                return possible;
            } catch (NoSuchTableException _) {
                return List.of();
            } catch (FencedException | CommitFailedException | CommitStateUnknownException | ValidationException _) {
                // Somebody else committed, or the outcome is not known: only the table itself can tell.
            }
        }
        throw new MaintenanceException(
                CatalogError.REWRITE_CONFLICT,
                name + " was committed to " + MOST_ATTEMPTS + " times while a rewrite waited for its turn",
                null);
    }

    /// Commits once.
    ///
    /// @param update staged on a table that commits only while its rows are the same
    /// @throws FencedException where they are not any more
    void commit(BaseTable table, String runId, Function<BaseTable, SnapshotUpdate<?>> update) {
        commit(table, runId, Cause.COMPACTION, update);
    }

    /// The same, for another cause.
    public void commit(BaseTable table, String runId, Cause cause, Function<BaseTable, SnapshotUpdate<?>> update) {
        TableMetadata metadata = table.operations().current();
        Snapshot current = Objects.requireNonNull(metadata.currentSnapshot(), "Only a snapshot can be rewritten");
        long content = ContentSnapshot.id(current);
        BaseTable fenced = new BaseTable(
                new FencedOperations(
                        table.operations(), base -> Objects.equals(ContentSnapshot.current(base), content)),
                table.name());
        SnapshotUpdate<?> staged = update.apply(fenced);
        current.summary().forEach((key, value) -> {
            if (key.startsWith(TableProperties.COMPLETE_TO)) {
                staged.set(key, value);
            }
        });
        staged.set(TableProperties.SUMMARY_CAUSE, cause.name());
        staged.set(TableProperties.SUMMARY_EVENTS, runId);
        staged.set(TableProperties.SUMMARY_REWRITE_OF, Long.toString(content));
        staged.commit();
    }

    /// Whether an attempt whose outcome was not known came through.
    static boolean holds(BaseTable table, String runId) {
        Snapshot current = table.currentSnapshot();
        if (current == null) {
            return false;
        }
        for (Snapshot snapshot : SnapshotUtil.ancestorsOf(current.snapshotId(), table::snapshot)) {
            if (runId.equals(snapshot.summary().get(TableProperties.SUMMARY_EVENTS))) {
                return true;
            }
        }
        return false;
    }

    private static List<Rewritten> stillThere(BaseTable table, List<Rewritten> results) {
        Set<String> missing = new HashSet<>();
        results.forEach(result -> missing.addAll(result.group().locations()));
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            for (FileScanTask task : tasks) {
                if (task.deletes().isEmpty()) {
                    missing.remove(task.file().location());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The files of " + table.name() + " can not be listed", e);
        }
        return results.stream()
                .filter(result ->
                        result.group().files().stream().map(DataFile::location).noneMatch(missing::contains))
                .toList();
    }
}
