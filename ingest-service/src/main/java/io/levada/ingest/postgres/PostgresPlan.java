package io.levada.ingest.postgres;

import io.levada.definition.PostgresSource;
import io.levada.definition.SourceTable;
import io.levada.ingest.IngestError;
import io.levada.ingest.capture.CapturePosition;
import io.levada.ingest.capture.LoadPlan;
import io.levada.ingest.capture.SourceLog;
import io.levada.ingest.capture.SourceProblem;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where a source is read from.
///
/// The first time: publication, slot at position S with the snapshot of S, then S and the load plans stored in one
/// Kafka transaction. Later: the stored position, after a check that the slot still holds the log from there on.
final class PostgresPlan implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresPlan.class);

    private final @Nullable Connection replication;
    private final PostgresSlots.@Nullable NewSlot newSlot;
    private boolean taken;

    private PostgresPlan(@Nullable Connection replication, PostgresSlots.@Nullable NewSlot newSlot) {
        this.replication = replication;
        this.newSlot = newSlot;
    }

    static PostgresPlan make(PostgresSource source, PostgresServer server, SourceLog log, List<SourceTable> tables)
            throws SQLException {
        try (Connection connection = server.connect()) {
            Optional<PostgresSlots.Slot> slot = server.slots().state(connection);
            Optional<CapturePosition> stored = log.position();
            if (stored.isPresent()) {
                verify(source, server, slot, stored.get());
                server.slots().publish(connection, tables);
                return new PostgresPlan(null, null);
            }
            if (slot.isPresent()) {
                dropUnused(source, server, connection, slot.get());
            }
            server.slots().publish(connection, tables);
            return begin(source, server, log, tables);
        }
    }

    private static void verify(
            PostgresSource source, PostgresServer server, Optional<PostgresSlots.Slot> slot, CapturePosition stored) {
        lost(slot, stored).ifPresent(reason -> {
            throw new SourceProblem(
                    IngestError.CAPTURE_SLOT_LOST,
                    "Replication slot " + server.slot() + " of source " + source.name() + " " + reason
                            + ": changes after " + PostgresServer.lsnText(stored.commitLsn()) + " are missing",
                    "./levada source repair " + source.name()
                            + " begins anew at the end of the log and loads all its tables again");
        });
    }

    /// In what way a slot does not have the log any more that a stored position needs; empty where it has.
    static Optional<String> lost(Optional<PostgresSlots.Slot> slot, CapturePosition stored) {
        if (slot.isEmpty()) {
            return Optional.of("does not exist");
        }
        if (slot.get().lost()) {
            return Optional.of("lost log that it needed");
        }
        return Long.compareUnsigned(slot.get().confirmed(), stored.commitLsn()) > 0
                ? Optional.of("is at " + PostgresServer.lsnText(slot.get().confirmed()) + ", after the stored position")
                : Optional.empty();
    }

    private static void dropUnused(
            PostgresSource source, PostgresServer server, Connection connection, PostgresSlots.Slot slot)
            throws SQLException {
        if (slot.active()) {
            throw new SourceProblem(
                    IngestError.CAPTURE_SLOT_IN_USE,
                    "Replication slot " + server.slot() + " of source " + source.name()
                            + " is in use: another data directory captures it",
                    "Stop the other process, or give this project another name with 'project:' in levada.yaml");
        }
        LOG.atWarn()
                .addKeyValue("source", source.name())
                .log(
                        "Dropping replication slot {}: nothing was captured from it into this data directory",
                        server.slot());
        server.slots().drop(connection);
    }

    private static PostgresPlan begin(
            PostgresSource source, PostgresServer server, SourceLog log, List<SourceTable> tables) throws SQLException {
        Connection replication = server.connectForReplication();
        try {
            PostgresSlots.NewSlot slot = server.slots().create(replication);
            CapturePosition start = CapturePosition.startingAt(slot.consistentPoint());
            log.storePlan(
                    start,
                    tables.stream()
                            .map(table -> LoadPlan.wanted(table.lakeName(), 1, start.pos()))
                            .toList());
            LOG.atInfo()
                    .addKeyValue("source", source.name())
                    .addKeyValue("position", PostgresServer.lsnText(slot.consistentPoint()))
                    .log("Source is planned: {} tables", tables.size());
            return new PostgresPlan(replication, slot);
        } catch (SQLException | RuntimeException e) {
            replication.close();
            throw e;
        }
    }

    /// The snapshot of the slot's own position; empty where it was taken before, or is not to be had any more.
    Optional<LoadSnapshot> takeSnapshot(PostgresServer server) throws SQLException {
        if (newSlot == null || taken) {
            return Optional.empty();
        }
        taken = true;
        LoadSnapshot snapshot = LoadSnapshot.of(server, newSlot);
        close();
        return Optional.of(snapshot);
    }

    @Override
    public void close() throws SQLException {
        if (replication != null) {
            replication.close();
        }
    }
}
