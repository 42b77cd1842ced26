package io.levada.transform.derived;

import io.levada.definition.PipelineDefinition;
import io.levada.events.FilesRefused;
import io.levada.events.TableProperties;
import io.levada.lake.LakeLayout;
import io.levada.transform.LakeTables;
import io.levada.transform.TransformError;
import io.levada.transform.TransformException;
import io.levada.transform.TransformStep;
import io.levada.transform.TransformSteps;
import io.levada.transform.derived.Standing.Inputs;
import io.levada.transform.derived.Work.Offer;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.RESTException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps derived tables equal to what their inputs' current snapshots give: one thread looks at each table, computes
/// those that are behind, offers the result and waits for its commit, one table after another.
///
/// What is to be done is found by comparing tables, so nothing is lost when a hint is, or when the process dies: an
/// offer that was made by an earlier process is either in the table, or the table is computed again and the committer
/// takes one of the two.
public final class TransformLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TransformLoop.class);
    private static final int SNAPSHOTS_LOOKED_AT = 100;
    private static final Duration STOP = Duration.ofSeconds(10);

    private final LakeTables lake;
    private final Offers offers;
    private final TransformSteps steps;
    private final TransformTiming timing;
    private final TransformMetrics metrics;
    private final Comparison comparison;
    private final Computation computation;
    private final Agenda agenda;
    private final Map<String, Work> works = new LinkedHashMap<>();
    private final Thread thread;
    private volatile boolean closed;

    public TransformLoop(
            PipelineDefinition definition,
            LakeTables lake,
            LakeLayout layout,
            TransformEngine engine,
            Offers offers,
            TransformSteps steps,
            TransformTiming timing,
            MeterRegistry registry) {
        List<DerivedTable> tables = DerivedTable.of(definition);
        this.lake = lake;
        this.offers = offers;
        this.steps = steps;
        this.timing = timing;
        this.metrics = new TransformMetrics(registry);
        this.comparison = new Comparison(lake, tables);
        this.computation = new Computation(lake, layout, engine);
        this.agenda = new Agenda(tables, timing);
        tables.forEach(table -> works.put(table.name(), new Work(table)));
        this.thread = Thread.ofPlatform().name("levada-transform").daemon().unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    public boolean running() {
        return thread.isAlive();
    }

    /// A table has a new snapshot.
    public void committed(String table) {
        agenda.committed(table);
    }

    /// The committer did not take a result.
    public void refused(FilesRefused event) {
        Work work = works.get(event.table());
        if (work != null) {
            work.refused(event);
            agenda.now(event.table());
        }
    }

    /// Something happened that is not understood: every table is looked at.
    public void lookAtEverything() {
        agenda.everything();
    }

    /// Compares every table with its inputs, now.
    public TransformStatus status() {
        return new StatusReport(lake, comparison).of(works.values());
    }

    /// Ends what runs; what was computed and not offered stays unreferenced.
    @Override
    public void close() {
        closed = true;
        agenda.close();
        computation.cancel();
        try {
            if (thread.isAlive() && !thread.join(STOP)) {
                thread.interrupt();
                thread.join(TimeUnit.SECONDS.toMillis(1));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        offers.close();
    }

    private void run() {
        try {
            Optional<String> name = agenda.take();
            while (name.isPresent()) {
                step(Objects.requireNonNull(works.get(name.get())));
                name = agenda.take();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void step(Work work) {
        try {
            if (resolved(work)) {
                look(work);
            }
        } catch (RuntimeException e) {
            fail(work, null, e);
        } catch (Error e) {
            fail(work, null, new IllegalStateException(e));
        }
    }

    /// Whether no offer of the table is in flight (any more).
    private boolean resolved(Work work) {
        Offer offer = work.offer();
        if (offer == null) {
            return true;
        }
        Optional<Table> table = lake.load(work.table().name());
        if (table.isPresent() && holds(table.get(), offer.event().id())) {
            published(work, offer, table.get());
            return true;
        }
        FilesRefused refusal = work.refusal();
        if (refusal != null) {
            return refused(work, offer, refusal);
        }
        if (!offer.sent()) {
            send(work, offer);
        } else if (System.nanoTime() - offer.giveUpAt() >= 0) {
            LOG.atWarn()
                    .addKeyValue("table", work.table().name())
                    .addKeyValue("commitId", offer.event().id())
                    .log("The committer said nothing of a result; the table is compared anew");
            work.lose();
            work.offered(null);
            return true;
        }
        agenda.after(work.table().name(), timing.offerLook());
        return false;
    }

    private void published(Work work, Offer offer, Table table) {
        String recipe = offer.inputs().recipe();
        if (!recipe.equals(table.properties().get(Comparison.RECIPE))) {
            table.updateProperties().set(Comparison.RECIPE, recipe).commit();
        }
        work.offered(null);
        work.succeed();
        metrics.published(work.table().name());
    }

    /// Whether to compute anew at once.
    private boolean refused(Work work, Offer offer, FilesRefused refusal) {
        String name = work.table().name();
        work.offered(null);
        LOG.atInfo()
                .addKeyValue("table", name)
                .addKeyValue("commitId", refusal.id())
                .addKeyValue("errorCode", refusal.code())
                .addKeyValue("retryable", refusal.retryable())
                .log("The committer refused a result: {}", refusal.reason());
        if (!refusal.retryable()) {
            fail(
                    work,
                    offer.inputs(),
                    new TransformException(
                            TransformError.REFUSED,
                            "The committer refused the result of %s with %s: %s"
                                    .formatted(name, refusal.code(), refusal.reason())));
            return false;
        }
        int refusals = work.lose();
        if (refusals == 1) {
            return true;
        }
        agenda.after(name, timing.firstRetry().multipliedBy(Math.min(refusals, 10)));
        work.show(TableState.STALE);
        return false;
    }

    /// As the table itself says, since a snapshot that says so may have expired.
    private static boolean holds(Table table, String eventId) {
        if (eventId.equals(table.properties().get(TableProperties.LAST_EVENT))) {
            return true;
        }
        Snapshot snapshot = table.currentSnapshot();
        for (int i = 0; snapshot != null && i < SNAPSHOTS_LOOKED_AT; i++) {
            String ids = snapshot.summary().get(TableProperties.SUMMARY_EVENTS);
            if (ids != null && List.of(ids.split(",")).contains(eventId)) {
                return true;
            }
            snapshot = snapshot.parentId() == null ? null : table.snapshot(snapshot.parentId());
        }
        return false;
    }

    private void look(Work work) {
        String name = work.table().name();
        agenda.after(name, timing.look());
        switch (comparison.of(work.table())) {
            case Standing.NotKept _, Standing.Waiting _ -> {
                work.succeed();
                work.show(TableState.WAITING);
            }
            case Standing.UpToDate _ -> {
                work.succeed();
                work.show(TableState.UP_TO_DATE);
            }
            case Standing.Stale stale -> {
                Work.Failed failed = work.failed();
                if (failed == null || !failed.on(stale.inputs()) || System.nanoTime() - failed.retryAt() >= 0) {
                    compute(work, stale);
                }
            }
        }
    }

    private void compute(Work work, Standing.Stale stale) {
        String name = work.table().name();
        work.showComputing();
        long start = System.nanoTime();
        steps.reached(TransformStep.BEGUN, name);
        Computation.Result result;
        try {
            result = computation.compute(work.table(), stale);
        } catch (RuntimeException e) {
            fail(work, stale.inputs(), e);
            return;
        }
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
        metrics.computed(name, elapsed, result.rows());
        LOG.atDebug()
                .addKeyValue("table", name)
                .addKeyValue("commitId", result.event().id())
                .addKeyValue("rows", result.rows())
                .addKeyValue("millis", elapsed.toMillis())
                .log("Computed a table");
        steps.reached(TransformStep.FILES_CLOSED, name);
        Offer offer = new Offer(result.event(), stale.inputs(), false, 0);
        work.offered(offer);
        send(work, offer);
        agenda.after(name, timing.offerLook());
    }

    private void send(Work work, Offer offer) {
        offers.send(offer.event());
        // A refusal may already be known: it belongs to the event, so it must outlive this.
        FilesRefused refusal = work.refusal();
        work.offered(new Offer(
                offer.event(),
                offer.inputs(),
                true,
                System.nanoTime() + work.offerWait(timing).toNanos()));
        if (refusal != null) {
            work.refused(refusal);
        }
        work.show(TableState.COMPUTING);
        steps.reached(TransformStep.AFTER_OFFER, work.table().name());
    }

    private void fail(Work work, @Nullable Inputs inputs, RuntimeException cause) {
        if (closed) {
            return;
        }
        TransformException failure = classified(work, cause);
        TransformError error = failure.error();
        String name = work.table().name();
        boolean external = error.kind() == TransformError.Kind.EXTERNAL;
        Duration wait = work.fail(inputs, error.kind() == TransformError.Kind.USER, timing);
        work.show(external ? TableState.STALE : TableState.FAILED, shown(failure));
        metrics.failed(name, error.code());
        LOG.atWarn()
                .addKeyValue("table", name)
                .addKeyValue("errorCode", error.code())
                .addKeyValue("retryMillis", wait.toMillis())
                .setCause(error == TransformError.INTERNAL ? failure : null)
                .log("A derived table could not be computed: {}", failure.getMessage());
        agenda.after(name, wait.compareTo(timing.look()) < 0 ? wait : timing.look());
    }

    /// A failure as status shows it.
    static TransformStatus.Failure failure(Work work, RuntimeException cause) {
        return shown(classified(work, cause));
    }

    private static TransformStatus.Failure shown(TransformException failure) {
        return new TransformStatus.Failure(
                failure.error().code(),
                String.valueOf(failure.getMessage()),
                failure.error().nextStep());
    }

    private static TransformException classified(Work work, RuntimeException cause) {
        if (cause instanceof TransformException known) {
            return known;
        }
        boolean catalog = cause instanceof RESTException
                || cause instanceof RuntimeIOException
                || cause instanceof UncheckedIOException
                || cause instanceof CommitFailedException
                || cause instanceof CommitStateUnknownException;
        return new TransformException(
                catalog ? TransformError.CATALOG_UNAVAILABLE : TransformError.INTERNAL,
                work.table().name() + ": " + cause,
                cause);
    }
}
