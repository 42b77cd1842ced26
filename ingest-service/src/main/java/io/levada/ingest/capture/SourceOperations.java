package io.levada.ingest.capture;

import io.levada.definition.DatabaseSource;
import io.levada.definition.SourceTable;
import io.levada.ingest.IngestError;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries out orders while nothing is read from the source: each changes what is stored, in one Kafka transaction, and
/// the next start of capture follows it.
public final class SourceOperations {
    private static final Logger LOG = LoggerFactory.getLogger(SourceOperations.class);

    private final DatabaseSource source;
    private final LogKeeper keeper;

    SourceOperations(DatabaseSource source, LogKeeper keeper) {
        this.source = source;
        this.keeper = keeper;
    }

    /// Carries out all that waits. What fails is answered so, and the others go on.
    void carryOut(SourceOrders orders, SourceLog log) {
        for (Optional<SourceOrders.Pending> next = orders.next(); next.isPresent(); next = orders.next()) {
            SourceOrders.Pending pending = next.get();
            try {
                String done = carryOut(pending.order(), log);
                LOG.atInfo().addKeyValue("source", source.name()).log("{}", done);
                pending.answer().complete(done);
            } catch (SQLException e) {
                pending.answer()
                        .completeExceptionally(
                                new SourceProblem(
                                        IngestError.CAPTURE_SOURCE_AWAY,
                                        "The server of source " + source.name() + " refused: " + e.getMessage(),
                                        "See that it accepts connections and that the role may do it, and give the order again"));
            } catch (RuntimeException e) {
                pending.answer().completeExceptionally(e);
                if (!(e instanceof SourceProblem)) {
                    throw e;
                }
            }
        }
    }

    private String carryOut(SourceOrder order, SourceLog log) throws SQLException {
        return switch (order) {
            case SourceOrder.Pause(StopCause cause) -> pause(cause, log);
            case SourceOrder.Resume() -> resume(log);
            case SourceOrder.Reload(List<String> tables, String reason) -> reload(tables, reason, log);
            case SourceOrder.Note(List<TableForm> forms) -> note(forms, log);
            case SourceOrder.LookAnew() -> "A table that could not be captured can be now: looking at the tables anew";
            case SourceOrder.Repair(boolean force) -> repair(force, log);
            case SourceOrder.Drop() -> drop(log);
        };
    }

    private String pause(StopCause cause, SourceLog log) {
        if (log.control().stopped() == null) {
            log.storeControl(log.control().stop(cause));
        }
        return "Source " + source.name() + " is paused"
                + log.position()
                        .map(position -> " at " + position.committed().text())
                        .orElse("")
                + "; its server keeps the log from there on";
    }

    private String resume(SourceLog log) {
        if (log.control().dropped()) {
            throw dropped();
        }
        log.storeControl(log.control().run());
        return "Source " + source.name() + " goes on";
    }

    private SourceProblem dropped() {
        return new SourceProblem(
                IngestError.CAPTURE_DROPPED,
                "What source " + source.name() + " had at its server was removed on purpose",
                "./levada source repair " + source.name() + " begins anew and loads all its tables");
    }

    private String reload(List<String> tables, String reason, SourceLog log) {
        if (log.control().dropped()) {
            throw dropped();
        }
        List<ReloadRequest> requests = requests(tables, reason, log);
        log.position().ifPresent(position -> log.storeReloads(position.skippingOne(), requests));
        return "Loading again: " + String.join(", ", tables);
    }

    private static String note(List<TableForm> forms, SourceLog log) {
        log.storeForms(forms);
        return "Noted how tables look now: "
                + forms.stream().map(TableForm::table).sorted().collect(Collectors.joining(", "));
    }

    private static List<ReloadRequest> requests(Collection<String> tables, String reason, SourceLog log) {
        Instant now = Instant.now();
        return tables.stream()
                .flatMap(table -> log.plan(table).stream())
                .map(plan -> new ReloadRequest(plan.table(), plan.generation(), reason, now))
                .toList();
    }

    /// Tables that the source has no more will be loaded anew should they come back: their changes meanwhile are not
    /// captured.
    void noteRemovedTables(SourceLog log) {
        Set<String> present =
                source.tables().stream().map(SourceTable::lakeName).collect(Collectors.toSet());
        List<String> removed = log.plannedTables().stream()
                .filter(table -> !present.contains(table) && !log.reloadWanted(table))
                .sorted()
                .toList();
        if (!removed.isEmpty()) {
            log.storeReloads(log.position().orElseThrow(), requests(removed, "It was not in levada.yaml", log));
            LOG.atInfo()
                    .addKeyValue("source", source.name())
                    .log(
                            "No longer in levada.yaml: {}. What the lake has of them stays; should they come back, they"
                                    + " are loaded again",
                            String.join(", ", removed));
        }
    }

    private String repair(boolean force, SourceLog log) throws SQLException {
        CapturePosition stored = log.position()
                .orElseThrow(() -> new SourceProblem(
                        IngestError.CAPTURE_SLOT_HEALTHY,
                        "Source " + source.name() + " was never captured: there is nothing to repair",
                        "Look at ./levada status"));
        CapturePosition start = stored.anewAt(keeper.beginAnew(stored, force));
        SourceControl.Gap gap = new SourceControl.Gap(
                stored.committed().text(), start.committed().text(), Instant.now());
        log.storeRepair(
                start,
                requests(log.plannedTables(), "Log of the source was lost", log),
                log.control().repaired(gap));
        return gap.text() + ". Loading again: "
                + source.tables().stream().map(SourceTable::qualifiedName).collect(Collectors.joining(", "));
    }

    private String drop(SourceLog log) throws SQLException {
        String removed = keeper.remove();
        log.storeControl(log.control()
                .drop(new StopCause(
                        IngestError.CAPTURE_DROPPED,
                        "What the source had at its server was removed on purpose",
                        "Take the source out of levada.yaml, or ./levada source repair " + source.name()
                                + " begins anew and loads all its tables")));
        return removed;
    }
}
