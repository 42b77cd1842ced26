package io.levada.ingest.files;

import io.levada.definition.FileSource;
import io.levada.ingest.IngestError;
import io.levada.ingest.capture.SourceProblem;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.common.KafkaException;

/// Orders to take in again what files of one source brought to quarantine. They are given by any thread, and the
/// thread of the source's watch carries them out.
final class ReplayOrders {
    private final FileSource source;
    private final FileReplays replays;
    private final SourceProgress progress;
    private final Queue<CompletableFuture<String>> waiting = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    ReplayOrders(FileSource source, FileReplays replays, SourceProgress progress) {
        this.source = source;
        this.replays = replays;
        this.progress = progress;
    }

    /// Gives an order.
    ///
    /// @return what was done, in words; cancelled where the watch ends before
    CompletableFuture<String> give() {
        CompletableFuture<String> order = new CompletableFuture<>();
        waiting.add(order);
        if (closed) {
            order.cancel(false);
        }
        return order;
    }

    boolean waiting() {
        return !waiting.isEmpty();
    }

    /// @throws KafkaException where the outcome of an announcement is not known: the ledger is of no further use
    void carryOut(FileLedger ledger) {
        for (CompletableFuture<String> order = waiting.poll(); order != null; order = waiting.poll()) {
            try {
                FileReplays.Plan plan = replays.plan(ledger);
                announce(plan, ledger);
                order.complete(plan.answer(source.rawTable()));
            } catch (KafkaException e) {
                order.completeExceptionally(failed(e));
                throw e;
            } catch (IOException | RuntimeException e) {
                order.completeExceptionally(failed(e));
            }
        }
    }

    private void announce(FileReplays.Plan plan, FileLedger ledger) {
        if (!plan.arrived().isEmpty()) {
            try {
                ledger.append(plan.arrived());
            } catch (IllegalStateException e) {
                throw new KafkaException(e);
            }
            progress.arrived(plan.arrived().size());
        }
    }

    private SourceProblem failed(Exception e) {
        return new SourceProblem(
                IngestError.FILES_RETRYING,
                "What " + source.rawTable() + " has in quarantine was not taken in again: " + e,
                "Give the order again");
    }

    void cancel() {
        closed = true;
        waiting.forEach(order -> order.cancel(false));
    }
}
