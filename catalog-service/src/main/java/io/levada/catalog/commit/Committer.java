package io.levada.catalog.commit;

import io.levada.catalog.CatalogError;
import io.levada.catalog.CommitStep;
import io.levada.catalog.CommitSteps;
import io.levada.catalog.SnapshotAnnouncer;
import io.levada.catalog.commit.Progress.Obstacle;
import io.levada.catalog.glue.CatalogLimitException;
import io.levada.events.FilesRefused;
import io.levada.events.FilesWritten;
import io.levada.lake.LakeCatalog;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Applies events to one table at a time, in order, each at most once, however often they are offered and by however
/// many committers.
///
/// Nothing here deletes a file. When the outcome of a commit is not known, the table is read again and its properties
/// decide. Safe for use by several threads.
final class Committer {
    private static final Logger LOG = LoggerFactory.getLogger(Committer.class);

    private final Catalog catalog;
    private final EventPublisher publisher;
    private final CommitSteps steps;
    private final CatalogMetrics metrics;
    private final SnapshotAnnouncer announcer;
    private final Completeness completeness;

    /// @param announcer told of every table that has a new commit
    /// @param completeness what new snapshots say of their sources
    Committer(
            Catalog catalog,
            EventPublisher publisher,
            CommitSteps steps,
            CatalogMetrics metrics,
            SnapshotAnnouncer announcer,
            Completeness completeness) {
        this.catalog = catalog;
        this.publisher = publisher;
        this.steps = steps;
        this.metrics = metrics;
        this.announcer = announcer;
        this.completeness = completeness;
    }

    /// Applies events of one table, in order, until one can not be settled.
    Progress apply(String table, List<FilesWritten> events) {
        int settled = 0;
        boolean doubted = false;
        while (settled < events.size()) {
            try {
                BaseTable loaded = load(table);
                Batch batch = Batch.plan(
                        events.subList(settled, events.size()),
                        TableState.of(loaded.operations().current()));
                if (!batch.events().isEmpty()) {
                    Optional<UnfitFiles> unfit = UnfitFiles.first(batch.events(), loaded);
                    if (unfit.isPresent()) {
                        batch = before(events.subList(settled, events.size()), unfit.get(), loaded);
                    }
                }
                if (!batch.events().isEmpty()) {
                    commit(table, loaded, batch);
                }
                doubted = false;
                settled += batch.consumed();
                switch (batch.stop()) {
                    case Batch.Stop.Limit _ -> {}
                    case Batch.Stop.Refused refused -> {
                        refuse(refused.event(), refused.verdict());
                        settled++;
                    }
                    case Batch.Stop.Parked parked -> {
                        return new Progress(
                                settled,
                                new Obstacle(
                                        parked.verdict().code(),
                                        parked.verdict().reason()));
                    }
                }
            } catch (NoSuchTableException e) {
                return new Progress(settled, new Obstacle(CatalogError.TABLE_MISSING, "There is no table " + table));
            } catch (RefusalNotPublished e) {
                return new Progress(settled, new Obstacle(CatalogError.KAFKA_UNAVAILABLE, e.getMessage()));
            } catch (RuntimeException e) {
                // Fenced, lost a race, or of unknown outcome: in each case only the table itself can tell. It is asked
                // at
                // once, and where that does not help, after a while.
                if (doubted && !(e instanceof FencedException)) {
                    CatalogError code = code(e);
                    LOG.atWarn()
                            .setCause(e)
                            .addKeyValue("table", table)
                            .addKeyValue("errorCode", code)
                            .log("Commit failed; it is tried again");
                    return new Progress(settled, new Obstacle(code, String.valueOf(e.getMessage())));
                }
                LOG.atInfo()
                        .setCause(e)
                        .addKeyValue("table", table)
                        .log("Commit did not go through as planned; the table is read again");
                doubted = true;
            }
        }
        return new Progress(settled, null);
    }

    private static CatalogError code(RuntimeException failure) {
        return switch (failure) {
            case CatalogLimitException _ -> CatalogError.CATALOG_LIMIT;
            case ForbiddenException _ -> CatalogError.CATALOG_REFUSED;
            default -> CatalogError.STORAGE_UNAVAILABLE;
        };
    }

    private BaseTable load(String table) {
        return (BaseTable) catalog.loadTable(LakeCatalog.identifier(table));
    }

    /// The batch before the first event whose files do not fit.
    private static Batch before(List<FilesWritten> offered, UnfitFiles unfit, BaseTable table) {
        int index = offered.indexOf(unfit.event());
        Batch fitting = Batch.plan(
                offered.subList(0, index), TableState.of(table.operations().current()));
        Batch.Stop stop = unfit.event().replace()
                ? new Batch.Stop.Refused(unfit.event(), new Verdict.Refuse(unfit.code(), unfit.reason(), true))
                : new Batch.Stop.Parked(unfit.event(), new Verdict.Park(unfit.code(), unfit.reason()));
        return new Batch(fitting.events(), fitting.changes(), index, stop);
    }

    private void commit(String table, BaseTable loaded, Batch batch) {
        long start = System.nanoTime();
        TableCommit commit = TableCommit.stage(loaded, batch, completeness.after(loaded, table, batch));
        steps.reached(CommitStep.BEFORE_COMMIT, table);
        commit.run();
        metrics.committed(batch.events().size(), Duration.ofNanos(System.nanoTime() - start));
        steps.reached(CommitStep.AFTER_COMMIT, table);
        announcer.announce(table);
        LOG.atDebug()
                .addKeyValue("table", table)
                .addKeyValue("events", batch.events().size())
                .addKeyValue("cause", batch.events().getFirst().cause())
                .log("Committed");
    }

    private void refuse(FilesWritten event, Verdict.Refuse verdict) {
        LOG.atInfo()
                .addKeyValue("table", event.table())
                .addKeyValue("eventId", event.id())
                .addKeyValue("errorCode", verdict.code())
                .addKeyValue("reason", verdict.reason())
                .log("Refused files");
        try {
            publisher.publish(new FilesRefused(
                    event.id(),
                    event.table(),
                    event.cause(),
                    verdict.code().name(),
                    verdict.reason(),
                    verdict.retryable()));
        } catch (RuntimeException e) {
            throw new RefusalNotPublished(e);
        }
        metrics.refused();
    }

    private static final class RefusalNotPublished extends RuntimeException {
        @java.io.Serial
        private static final long serialVersionUID = 1;

        RefusalNotPublished(RuntimeException cause) {
            super("Kafka did not take a refusal: " + cause.getMessage(), cause);
        }

        @Override
        public String getMessage() {
            return String.valueOf(super.getMessage());
        }
    }
}
