package io.levada.catalog.erasure;

import io.levada.catalog.CatalogError;
import io.levada.catalog.MaintenanceStep;
import io.levada.catalog.MaintenanceSteps;
import io.levada.catalog.SnapshotAnnouncer;
import io.levada.catalog.commit.FencedException;
import io.levada.catalog.commit.FencedOperations;
import io.levada.catalog.maintenance.FileRewrite;
import io.levada.catalog.maintenance.MaintenanceException;
import io.levada.catalog.maintenance.RewriteGroup;
import io.levada.events.Cause;
import io.levada.events.TableProperties;
import io.levada.lake.FileShape;
import io.levada.lake.LakeCatalog;
import io.levada.lake.LakeLayout;
import io.levada.lake.MainLine;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;

/// Takes rows out of a table: files that hold some are written anew without them, and files of such rows alone leave
/// the table.
///
/// Files are committed only onto the very snapshot that they were looked up in, so that whatever another commit did to
/// them meanwhile is seen. Nothing is deleted here; older snapshots still have the rows.
public final class RowRemoval {
    /// The predicate of all rows of a file, which then need not be read.
    public static final String ALL = "true";

    /// A commit takes so much work at most: what a crash before it can cost.
    private static final long COMMIT_BYTES = 512L << 20;

    /// Between two attempts somebody else has committed.
    private static final int MOST_ATTEMPTS = 50;

    private final Catalog catalog;
    private final FileRewrite rewrite;
    private final TableReader reader;
    private final MaintenanceSteps steps;
    private final SnapshotAnnouncer announcer;

    public RowRemoval(
            Catalog catalog,
            FileRewrite rewrite,
            TableReader reader,
            MaintenanceSteps steps,
            SnapshotAnnouncer announcer) {
        this.catalog = catalog;
        this.rewrite = rewrite;
        this.reader = reader;
        this.steps = steps;
        this.announcer = announcer;
    }

    /// What an order has taken out of a table so far, as the table's history tells.
    ///
    /// @param files that were replaced, or left the table
    /// @param since sequence number of the last commit
    public record Outcome(long rows, long files, long since) {}

    /// A file and what comes in its place.
    ///
    /// @param kept null where no row is left
    private record Replaced(DataFile file, @Nullable DataFile kept, long rows) {}

    /// Takes out rows of files that the table has as it was loaded. What lands meanwhile stays, and what another
    /// commit rewrites meanwhile: the caller looks again until nothing is left.
    ///
    /// @param name of the table, `namespace.name`
    /// @param candidates true of all files that may hold some
    /// @param rows an SQL predicate, true of them
    /// @param order begins the ids of the commits
    /// @return whether there was something to take out
    /// @throws MaintenanceException where a file can not be rewritten; what was committed before stays
    boolean remove(BaseTable table, String name, Expression candidates, String rows, Cause cause, String order) {
        return remove(table, name, candidates, _ -> Optional.of(rows), _ -> true, cause, order);
    }

    /// The same, where each file has rows of its own to take out.
    ///
    /// @param rows the predicate for a file; empty where none of its rows go
    /// @param still asked of the table before each commit to it; nothing more is taken out once it is false
    /// @return false also where `still` was
    public boolean remove(
            BaseTable table,
            String name,
            Expression candidates,
            Function<DataFile, Optional<String>> rows,
            Predicate<Table> still,
            Cause cause,
            String order) {
        List<Replaced> replaced = new ArrayList<>();
        String runId = LakeLayout.newRunId();
        long bytes = 0;
        boolean some = false;
        for (DataFile file : TableReader.files(table, name, candidates)) {
            String predicate = rows.apply(file).orElse("");
            long hit = predicate.isEmpty() ? 0 : hit(table, name, file, predicate);
            if (hit > 0) {
                replaced.add(replace(table, name, file, predicate, hit, runId, replaced.size()));
                bytes += file.fileSizeInBytes();
                some = true;
            }
            if (bytes >= COMMIT_BYTES) {
                if (!commit(name, replaced, still, cause, order + "/" + runId)) {
                    return false;
                }
                replaced.clear();
                runId = LakeLayout.newRunId();
                bytes = 0;
            }
        }
        return replaced.isEmpty() ? some : commit(name, replaced, still, cause, order + "/" + runId);
    }

    private long hit(BaseTable table, String name, DataFile file, String predicate) {
        return predicate.equals(ALL) ? file.recordCount() : reader.count(table, name, List.of(file), predicate);
    }

    /// What the commits of an order that a table still has in its history took out; empty where there is none.
    public static Optional<Outcome> of(Table table, String order) {
        Outcome sum = null;
        for (Snapshot snapshot : MainLine.of(table).snapshots()) {
            Map<String, String> summary = snapshot.summary();
            if (summary.getOrDefault(TableProperties.SUMMARY_EVENTS, "").startsWith(order + "/")) {
                long rows = number(summary, SnapshotSummary.DELETED_RECORDS_PROP)
                        - number(summary, SnapshotSummary.ADDED_RECORDS_PROP);
                long files = number(summary, SnapshotSummary.DELETED_FILES_PROP);
                sum = new Outcome(
                        (sum == null ? 0 : sum.rows()) + rows,
                        (sum == null ? 0 : sum.files()) + files,
                        snapshot.sequenceNumber());
            }
        }
        return Optional.ofNullable(sum);
    }

    private static long number(Map<String, String> summary, String name) {
        return Long.parseLong(summary.getOrDefault(name, "0"));
    }

    private Replaced replace(
            BaseTable table, String name, DataFile file, String rows, long hit, String runId, int part) {
        long kept = file.recordCount() - hit;
        if (kept == 0) {
            return new Replaced(file, null, hit);
        }
        Optional<String> obstacle = FileRewrite.obstacle(table)
                .or(() -> FileShape.obstacle(table.io().newInputFile(file.location()), table.schema()));
        if (obstacle.isPresent()) {
            throw new MaintenanceException(
                    CatalogError.REWRITE_UNSUPPORTED,
                    "%s of %s holds rows that are to go, and can not be rewritten: %s"
                            .formatted(file.location(), name, obstacle.get()),
                    null);
        }
        String path = table.spec().isUnpartitioned() ? "" : table.spec().partitionToPath(file.partition());
        DataFile written =
                rewrite.writeWithout(table, name, new RewriteGroup(path, List.of(file)), rows, kept, runId, part);
        return new Replaced(file, written, hit);
    }

    /// Commits what is still in the table; the rest was rewritten by another commit, whose files hold the rows
    /// again.
    ///
    /// @return false where nothing is to be taken out any more
    private boolean commit(String name, List<Replaced> replaced, Predicate<Table> still, Cause cause, String id) {
        steps.reached(MaintenanceStep.FILES_REWRITTEN, name);
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            BaseTable table = (BaseTable) catalog.loadTable(LakeCatalog.identifier(name));
            if (!still.test(table)) {
                return false;
            }
            Set<String> there = TableReader.files(table, name, Expressions.alwaysTrue()).stream()
                    .map(DataFile::location)
                    .collect(Collectors.toCollection(HashSet::new));
            List<Replaced> possible = replaced.stream()
                    .filter(one -> there.contains(one.file().location()))
                    .toList();
            if (possible.isEmpty()) {
                // Also where an attempt whose outcome was not known came through.
                announcer.announce(name);
                return true;
            }
            try {
                stage(table, possible, cause, id);
                steps.reached(MaintenanceStep.REWRITE_COMMITTED, name);
                announcer.announce(name);
                return true;
            } catch (FencedException | CommitFailedException | CommitStateUnknownException _) {
                // Somebody else committed, or the outcome is not known: only the table itself can tell.
            }
        }
        throw new MaintenanceException(
                CatalogError.REWRITE_CONFLICT,
                name + " was committed to " + MOST_ATTEMPTS + " times while rows were taken out of it",
                null);
    }

    private static void stage(BaseTable table, List<Replaced> replaced, Cause cause, String id) {
        Snapshot current = Objects.requireNonNull(table.currentSnapshot(), "Files are in a snapshot");
        BaseTable fenced = new BaseTable(
                new FencedOperations(
                        table.operations(),
                        base -> base.currentSnapshot() != null
                                && base.currentSnapshot().snapshotId() == current.snapshotId()),
                table.name());
        OverwriteFiles overwrite = fenced.newOverwrite();
        for (Replaced one : replaced) {
            overwrite.deleteFile(one.file());
            if (one.kept() != null) {
                overwrite.addFile(one.kept());
            }
        }
        current.summary().forEach((key, value) -> {
            if (key.startsWith(TableProperties.COMPLETE_TO)) {
                overwrite.set(key, value);
            }
        });
        overwrite.set(TableProperties.SUMMARY_CAUSE, cause.name());
        overwrite.set(TableProperties.SUMMARY_EVENTS, id);
        overwrite.commit();
    }
}
