package io.levada.transform.derived;

import io.levada.events.FilesRefused;
import io.levada.events.FilesWritten;
import io.levada.transform.derived.Standing.Inputs;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What the loop knows of one derived table. Only its thread uses this, but for what is volatile and for what the
/// agenda guards.
final class Work {
    private final DerivedTable table;

    /// The result that is offered, from before it is sent until its outcome is known.
    private volatile @Nullable Offer offer;

    private volatile Shown shown = new Shown(TableState.STALE, null);
    private volatile @Nullable Failed failed;
    private volatile @Nullable FilesRefused refusal;
    private int failures;
    private int lostOffers;

    Work(DerivedTable table) {
        this.table = table;
    }

    /// @param sent whether Kafka is known to hold the event
    /// @param giveUpAt `System.nanoTime()` after which the event is thought lost
    record Offer(FilesWritten event, Inputs inputs, boolean sent, long giveUpAt) {}

    /// @param inputs that it failed on, or null where they are not known
    /// @param retryAt `System.nanoTime()` until which the same inputs are not tried again
    record Failed(@Nullable Inputs inputs, boolean byDefinition, long retryAt) {
        boolean on(Inputs others) {
            return inputs != null && inputs.sameAs(others);
        }
    }

    record Shown(TableState state, TransformStatus.@Nullable Failure error) {}

    DerivedTable table() {
        return table;
    }

    @Nullable
    Offer offer() {
        return offer;
    }

    void offered(@Nullable Offer next) {
        offer = next;
        refusal = null;
    }

    Shown shown() {
        return shown;
    }

    void show(TableState state) {
        shown = new Shown(state, null);
    }

    /// Until it is computed, the error of the last attempt stays in sight.
    void showComputing() {
        shown = new Shown(TableState.COMPUTING, shown.error());
    }

    void show(TableState state, TransformStatus.Failure error) {
        shown = new Shown(state, error);
    }

    @Nullable
    Failed failed() {
        return failed;
    }

    void refused(FilesRefused event) {
        Offer current = offer;
        if (current != null && current.event().id().equals(event.id())) {
            refusal = event;
        }
    }

    @Nullable
    FilesRefused refusal() {
        return refusal;
    }

    /// Counts a failure.
    ///
    /// @return how long to wait
    Duration fail(@Nullable Inputs inputs, boolean byDefinition, TransformTiming timing) {
        long factor = 1L << Math.min(failures++, 20);
        long millis =
                Math.min(timing.longestRetry().toMillis(), timing.firstRetry().toMillis() * factor);
        Duration wait = Duration.ofMillis(millis);
        failed = new Failed(inputs, byDefinition, System.nanoTime() + wait.toNanos());
        return wait;
    }

    void succeed() {
        failures = 0;
        lostOffers = 0;
        failed = null;
    }

    Duration offerWait(TransformTiming timing) {
        return timing.offerWait().multipliedBy(1L << Math.min(lostOffers, 5));
    }

    /// Counts an offer that came to nothing.
    ///
    /// @return how many since the last one that was committed
    int lose() {
        return ++lostOffers;
    }
}
