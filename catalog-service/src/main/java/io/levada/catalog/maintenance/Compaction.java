package io.levada.catalog.maintenance;

import io.levada.catalog.CatalogError;
import io.levada.catalog.MaintenanceStep;
import io.levada.catalog.MaintenanceSteps;
import io.levada.catalog.SnapshotAnnouncer;
import io.levada.definition.MaintenanceSettings;
import io.levada.lake.LakeCatalog;
import io.levada.lake.LakeLayout;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.catalog.Catalog;

/// Rewrites the small files of a table into larger ones, with some groups in each commit.
final class Compaction {
    /// A commit takes so much work at most: what a crash before it can cost.
    private static final long COMMIT_BYTES = 512L << 20;

    private static final int COMMIT_GROUPS = 100;

    private final Catalog catalog;
    private final FileRewrite rewrite;
    private final RewriteCommit commits;
    private final MaintenanceSteps steps;
    private final SnapshotAnnouncer announcer;
    private final Clock clock;
    private final BooleanSupplier closing;

    /// @param closing whether to stop before the next group
    Compaction(
            Catalog catalog,
            FileRewrite rewrite,
            RewriteCommit commits,
            MaintenanceSteps steps,
            SnapshotAnnouncer announcer,
            Clock clock,
            BooleanSupplier closing) {
        this.catalog = catalog;
        this.rewrite = rewrite;
        this.commits = commits;
        this.steps = steps;
        this.announcer = announcer;
        this.clock = clock;
        this.closing = closing;
    }

    /// What was done.
    ///
    /// @param dropped groups that were rewritten in vain, since their files were replaced meanwhile
    record Outcome(long filesReplaced, long filesWritten, long bytesReplaced, long bytesWritten, int dropped) {
        static final Outcome NOTHING = new Outcome(0, 0, 0, 0, 0);

        Outcome and(List<Rewritten> committed, int offered) {
            Outcome sum = new Outcome(
                    filesReplaced,
                    filesWritten + committed.size(),
                    bytesReplaced,
                    bytesWritten,
                    dropped + offered - committed.size());
            for (Rewritten result : committed) {
                sum = new Outcome(
                        sum.filesReplaced + result.group().files().size(),
                        sum.filesWritten,
                        sum.bytesReplaced + result.group().bytes(),
                        sum.bytesWritten + result.file().fileSizeInBytes(),
                        sum.dropped);
            }
            return sum;
        }
    }

    /// Rewrites until nothing is worth it any more.
    ///
    /// @param notes takes what is left alone, and why
    /// @throws MaintenanceException where a rewrite fails; what was committed before stays
    Outcome compact(String name, MaintenanceSettings.Compaction settings, List<Problem> notes) {
        Map<String, String> obstacles = new HashMap<>();
        Outcome outcome = Outcome.NOTHING;
        Optional<String> unfit = Optional.empty();
        while (!closing.getAsBoolean() && obstacles.size() < CompactionPlan.MOST_FILES) {
            BaseTable table = (BaseTable) catalog.loadTable(LakeCatalog.identifier(name));
            Snapshot planned = table.currentSnapshot();
            if (planned == null) {
                break;
            }
            CompactionPlan plan = new CompactionPlan(
                    table, name, settings, LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC), obstacles.keySet());
            List<RewriteGroup> groups = plan.groups();
            unfit = groups.isEmpty() ? Optional.empty() : FileRewrite.obstacle(table);
            if (groups.isEmpty() || unfit.isPresent()) {
                plan.leftOver().ifPresent(files -> notes.add(leftAlone(name + " keeps " + files)));
                break;
            }
            int knownObstacles = obstacles.size();
            Outcome next = round(table, name, planned.snapshotId(), plan, groups, obstacles, outcome);
            if (next.equals(outcome) && obstacles.size() == knownObstacles) {
                break;
            }
            outcome = next;
        }
        unfit.ifPresent(reason -> notes.add(leftAlone("The files of " + name + " are not rewritten: " + reason)));
        obstacles.entrySet().stream()
                .findFirst()
                .ifPresent(first -> notes.add(leftAlone("%d files of %s are not rewritten, such as %s: %s"
                        .formatted(obstacles.size(), name, first.getKey(), first.getValue()))));
        return outcome;
    }

    private static Problem leftAlone(String detail) {
        return Problem.of(CatalogError.REWRITE_UNSUPPORTED, detail);
    }

    private Outcome round(
            BaseTable table,
            String name,
            long planned,
            CompactionPlan plan,
            List<RewriteGroup> groups,
            Map<String, String> obstacles,
            Outcome before) {
        Outcome outcome = before;
        List<Rewritten> results = new ArrayList<>();
        String runId = LakeLayout.newRunId();
        long bytes = 0;
        for (RewriteGroup group : groups) {
            if (closing.getAsBoolean()) {
                break;
            }
            RewriteGroup possible = rewrite.rewritable(table, group, obstacles);
            if (plan.worthwhile(possible.files().size(), possible.bytes())) {
                results.add(new Rewritten(possible, rewrite.write(table, name, possible, runId, results.size())));
                bytes += possible.bytes();
            }
            if (bytes >= COMMIT_BYTES || results.size() == COMMIT_GROUPS) {
                outcome = commit(name, runId, results, planned, outcome);
                results.clear();
                runId = LakeLayout.newRunId();
                bytes = 0;
            }
        }
        return commit(name, runId, results, planned, outcome);
    }

    private Outcome commit(String name, String runId, List<Rewritten> results, long planned, Outcome before) {
        if (results.isEmpty()) {
            return before;
        }
        List<Rewritten> offered = List.copyOf(results);
        steps.reached(MaintenanceStep.FILES_REWRITTEN, name);
        List<Rewritten> committed = commits.replace(name, runId, offered, planned);
        if (!committed.isEmpty()) {
            announcer.announce(name);
        }
        steps.reached(MaintenanceStep.REWRITE_COMMITTED, name);
        return before.and(committed, offered.size());
    }
}
