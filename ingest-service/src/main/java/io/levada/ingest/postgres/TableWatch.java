package io.levada.ingest.postgres;

import io.levada.definition.SourceTable;
import io.levada.ingest.capture.CaptureProgress;
import io.levada.ingest.capture.SourceOrder;
import io.levada.ingest.capture.SourceProblem;
import io.levada.ingest.capture.TableForm;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;

/// Notices what happened to tables without an event in the log, and has them loaded again; notices too when a table
/// that could not be captured can be.
///
/// A table that looks otherwise than it did may have been truncated whole, which the log does say; so nothing is
/// decided before the stream has passed the point at which the table was looked at.
final class TableWatch implements PostgresCare.Watch {
    private static final int LOOKS_BETWEEN = 5;

    private final PostgresServer server;
    private final Collection<SourceTable> tables;
    private final List<SourceTable> failed;
    private final Function<String, Optional<TableForm>> stored;
    private final Map<String, TableForm> known = new HashMap<>();
    private final CaptureProgress progress;
    private final Consumer<SourceOrder> orders;
    private final Set<String> truncated = ConcurrentHashMap.newKeySet();
    private Map<String, TableForm> changed = Map.of();
    private long changedBefore;
    private final Map<String, TableForm> explained = new HashMap<>();

    /// @param all tables of the source
    /// @param tables those that are captured
    /// @param known the stored forms, which a load that begins anew may renew
    TableWatch(
            PostgresServer server,
            Collection<SourceTable> all,
            Collection<SourceTable> tables,
            Function<String, Optional<TableForm>> known,
            CaptureProgress progress,
            Consumer<SourceOrder> orders) {
        this.server = server;
        this.tables = tables;
        this.failed = all.stream().filter(table -> !tables.contains(table)).toList();
        this.stored = known;
        tables.forEach(
                table -> known.apply(table.lakeName()).ifPresent(form -> this.known.put(table.lakeName(), form)));
        this.progress = progress;
        this.orders = orders;
    }

    /// The log held a truncate of a whole table.
    ///
    /// @param table its lake name
    void truncated(String table) {
        truncated.add(table);
    }

    @Override
    public void look(Connection connection, int looks) throws SQLException {
        if (!changed.isEmpty() && progress.hasPassed(changedBefore)) {
            decide();
        }
        // An order would interrupt a load that is under way, and this one can wait.
        if (progress.allLoadsEnded()) {
            note();
        }
        if (looks % LOOKS_BETWEEN == 0 && oneIsMended(connection)) {
            orders.accept(new SourceOrder.LookAnew());
        }
        if (changed.isEmpty() && looks % LOOKS_BETWEEN == 0) {
            Map<String, TableForm> now = TableForms.of(connection, tables);
            now.entrySet()
                    .removeIf(entry -> entry.getValue().parts().isEmpty() || isKnown(entry.getKey(), entry.getValue()));
            changed = now;
            changedBefore = server.currentLsn(connection);
        }
    }

    private boolean isKnown(String table, TableForm now) {
        return now.equals(known.get(table))
                || stored.apply(table).filter(now::equals).isPresent();
    }

    private boolean oneIsMended(Connection connection) throws SQLException {
        for (SourceTable table : failed) {
            try {
                server.tables().shape(connection, table);
                return true;
            } catch (SourceProblem _) {
                // It still can not be captured, as status says.
            }
        }
        return false;
    }

    private void note() {
        if (!explained.isEmpty()) {
            orders.accept(new SourceOrder.Note(List.copyOf(explained.values())));
            explained.clear();
        }
    }

    private void decide() {
        Map<String, List<String>> reasons = new HashMap<>();
        changed.forEach((table, form) -> {
            TableForm before = known.get(table);
            boolean wasTruncated = truncated.remove(table);
            Optional<String> reason =
                    before == null || isKnown(table, form) ? Optional.empty() : before.outdatedBy(form, wasTruncated);
            reason.ifPresentOrElse(
                    text -> reasons.computeIfAbsent(text, _ -> new ArrayList<>())
                            .add(table),
                    () -> explained.put(table, form));
            known.put(table, form);
        });
        changed = Map.of();
        if (!reasons.isEmpty()) {
            note();
        }
        reasons.forEach((reason, outdated) -> orders.accept(new SourceOrder.Reload(outdated, reason)));
    }
}
