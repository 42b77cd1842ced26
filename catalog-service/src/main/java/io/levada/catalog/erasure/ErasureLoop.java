package io.levada.catalog.erasure;

import io.levada.catalog.CatalogError;
import io.levada.catalog.ServiceThread;
import io.levada.catalog.maintenance.MaintenanceException;
import io.levada.catalog.maintenance.Problem;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/// The thread that carries orders out, each a step at a time, until they are done. Orders that a service left behind
/// are taken up when the next one starts. What stands in the way is reported, and tried again.
final class ErasureLoop implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(ErasureLoop.class);
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(5);
    private static final int MOST_REMEMBERED = 100;

    private final Eraser eraser;
    private final ServiceThread thread = new ServiceThread("levada-catalog-erasure", this::loop);
    private final Map<String, ErasureStatus> orders = new LinkedHashMap<>();

    ErasureLoop(Eraser eraser) {
        this.eraser = eraser;
    }

    /// Takes an order that is kept already.
    ErasureStatus take(Erasure erasure) {
        ErasureStatus status = ErasureStatus.of(erasure);
        put(status);
        return status;
    }

    List<ErasureStatus> all() {
        return thread.locked(() -> List.copyOf(orders.values()));
    }

    Optional<ErasureStatus> find(String id) {
        return thread.locked(() -> Optional.ofNullable(orders.get(id)));
    }

    /// How many orders are not done.
    long open() {
        return all().stream().filter(status -> !status.isDone()).count();
    }

    private void put(ErasureStatus status) {
        thread.change(() -> {
            orders.put(status.erasure().order().id(), status);
            Iterator<ErasureStatus> oldest = orders.values().iterator();
            while (orders.size() > MOST_REMEMBERED && oldest.hasNext()) {
                if (oldest.next().isDone()) {
                    oldest.remove();
                }
            }
        });
    }

    private void loop() {
        boolean known = false;
        while (!known && !thread.closing()) {
            try {
                eraser.store().open().forEach(this::take);
                known = true;
            } catch (RuntimeException e) {
                LOG.atWarn().setCause(e).log("It can not be read which erasures are open; it is tried again");
                thread.pause(AFTER_TROUBLE);
            }
        }
        while (awaitOrder()) {
            boolean troubled = false;
            boolean moved = false;
            for (ErasureStatus status : all()) {
                if (!status.isDone() && !thread.closing()) {
                    ErasureStatus next = advance(status);
                    put(next);
                    troubled |= next.problem() != null;
                    moved |= next.erasure().stage() != status.erasure().stage();
                }
            }
            if (!moved) {
                thread.pause(troubled ? AFTER_TROUBLE : LOOK);
            }
        }
    }

    private ErasureStatus advance(ErasureStatus status) {
        Erasure erasure = status.erasure();
        try {
            Eraser.Step step = eraser.advance(erasure);
            if (step.erasure().stage() != erasure.stage()) {
                LOG.atInfo()
                        .addKeyValue("erasure", erasure.order().id())
                        .addKeyValue("table", erasure.order().table())
                        .addKeyValue("stage", step.erasure().stage())
                        .addKeyValue("rows", step.erasure().rows())
                        .log("An erasure came further");
            }
            return new ErasureStatus(step.erasure(), step.waitingFor(), null);
        } catch (NoSuchTableException _) {
            LOG.atInfo()
                    .addKeyValue("erasure", erasure.order().id())
                    .addKeyValue("table", erasure.order().table())
                    .log("The table of an erasure is gone, and the order with it");
            return new ErasureStatus(
                    erasure.at(Erasure.Stage.DONE),
                    "",
                    Problem.of(
                            CatalogError.ERASURE_TABLE,
                            erasure.order().table() + " was dropped; its files go as those of dropped tables do"));
        } catch (RuntimeException e) {
            Problem problem = e instanceof MaintenanceException known
                    ? Problem.of(known.error(), known.getMessage())
                    : Problem.of(
                            CatalogError.MAINTENANCE_FAILED, erasure.order().table() + ": " + e);
            if (status.problem() == null || !status.problem().detail().equals(problem.detail())) {
                LOG.atWarn()
                        .setCause(e)
                        .addKeyValue("erasure", erasure.order().id())
                        .addKeyValue("table", erasure.order().table())
                        .addKeyValue("errorCode", problem.code())
                        .log("An erasure does not get on; it is tried again: {}", problem.detail());
            }
            return new ErasureStatus(reread(erasure), "", problem);
        }
    }

    /// A step that failed may have been kept in part.
    private Erasure reread(Erasure erasure) {
        try {
            return eraser.store().find(erasure).orElse(erasure);
        } catch (RuntimeException e) {
            LOG.atDebug().setCause(e).log("An order can not be read again");
            return erasure;
        }
    }

    private boolean awaitOrder() {
        return thread.await(() -> !orders.values().stream().allMatch(ErasureStatus::isDone));
    }

    @Override
    public void start() {
        thread.start();
    }

    /// Ends the thread after the step that it is at; the next start goes on.
    @Override
    public void stop() {
        thread.close();
    }

    @Override
    public boolean isRunning() {
        return thread.isAlive();
    }
}
