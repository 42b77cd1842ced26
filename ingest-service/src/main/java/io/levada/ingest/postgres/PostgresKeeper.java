package io.levada.ingest.postgres;

import io.levada.definition.PostgresSource;
import io.levada.definition.SourceTable;
import io.levada.ingest.IngestError;
import io.levada.ingest.capture.CapturePosition;
import io.levada.ingest.capture.LogKeeper;
import io.levada.ingest.capture.LogPosition;
import io.levada.ingest.capture.Lsn;
import io.levada.ingest.capture.SourceProblem;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A PostgreSQL server keeps a source's log for its slot.
final class PostgresKeeper implements LogKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresKeeper.class);

    private final PostgresSource source;
    private final PostgresServer server;

    PostgresKeeper(PostgresSource source, PostgresServer server) {
        this.source = source;
        this.server = server;
    }

    /// Until the new position is stored, a crash leaves a slot that is ahead of the stored one: as lost as before.
    @Override
    public LogPosition beginAnew(CapturePosition stored, boolean force) throws SQLException {
        try (Connection connection = server.connect()) {
            server.check(connection);
            Optional<PostgresSlots.Slot> slot = server.slots().resting(connection);
            if (!force && PostgresPlan.lost(slot, stored).isEmpty()) {
                throw new SourceProblem(
                        IngestError.CAPTURE_SLOT_HEALTHY,
                        "Replication slot " + server.slot() + " of source " + source.name()
                                + " still has all the log that is needed",
                        "./levada reload " + source.name()
                                + " TABLE loads one table again; --force repairs all the same");
            }
            slot.filter(PostgresSlots.Slot::active).ifPresent(_ -> {
                throw inUse();
            });
            if (slot.isPresent()) {
                server.slots().drop(connection);
            }
            server.slots().publish(connection, loadable(connection));
            try (Connection replication = server.connectForReplication()) {
                return new Lsn(server.slots().create(replication).consistentPoint());
            }
        }
    }

    private SourceProblem inUse() {
        return new SourceProblem(
                IngestError.CAPTURE_SLOT_IN_USE,
                "Replication slot " + server.slot() + " of source " + source.name() + " is in use by another process",
                "Stop the other process, and give the order again");
    }

    /// Tables that can not be carried are left out, as when capture starts.
    private List<SourceTable> loadable(Connection connection) throws SQLException {
        List<SourceTable> tables = new ArrayList<>();
        for (SourceTable table : source.tables()) {
            try {
                server.tables().shape(connection, table);
                tables.add(table);
            } catch (SourceProblem problem) {
                LOG.atWarn()
                        .addKeyValue("source", source.name())
                        .addKeyValue("errorCode", problem.code().code())
                        .log("{}", problem.getMessage());
            }
        }
        return tables;
    }

    @Override
    public String remove() throws SQLException {
        try (Connection connection = server.connect()) {
            return server.slots().remove(connection);
        }
    }
}
