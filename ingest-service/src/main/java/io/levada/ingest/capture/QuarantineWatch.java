package io.levada.ingest.capture;

import io.levada.definition.QuarantinePolicy;
import io.levada.ingest.IngestError;
import java.util.function.Consumer;

/// Stops a source once too many of its rows go to quarantine. What was published until then is in its tables or in
/// quarantine, so nothing is lost by the stop.
public final class QuarantineWatch {
    private final String source;
    private final QuarantinePolicy policy;
    private final CaptureProgress progress;
    private final Consumer<SourceOrder> orders;
    private long changesBefore;
    private long refusedBefore;
    private boolean stopped;

    QuarantineWatch(String source, QuarantinePolicy policy, CaptureProgress progress, Consumer<SourceOrder> orders) {
        this.source = source;
        this.policy = policy;
        this.progress = progress;
        this.orders = orders;
        this.changesBefore = progress.changes();
        this.refusedBefore = progress.refusedChanges();
    }

    /// Looks at the counts, and gives the order to stop where they say so.
    public void look() {
        long changes = progress.changes() - changesBefore;
        long refused = progress.refusedChanges() - refusedBefore;
        if (policy.isExceeded(refused, Math.max(changes, refused))) {
            stop(refused + " of the last " + Math.max(changes, refused) + " changes went to quarantine");
        } else if (changes >= policy.window()) {
            changesBefore += changes;
            refusedBefore += refused;
        }
        progress.badLoad(policy).ifPresent(this::stop);
    }

    private void stop(String what) {
        if (!stopped) {
            stopped = true;
            orders.accept(new SourceOrder.Pause(new StopCause(
                    IngestError.CAPTURE_QUARANTINE_RATE,
                    "Source " + source + " has stopped: " + what,
                    "./levada quarantine list shows them; correct the cause, then ./levada source resume " + source)));
        }
    }
}
