package io.levada.ingest.binlog;

import io.levada.ingest.IngestError;
import io.levada.ingest.capture.BinlogPosition;
import io.levada.ingest.capture.CapturePosition;
import io.levada.ingest.capture.LogKeeper;
import io.levada.ingest.capture.LogPosition;
import io.levada.ingest.capture.SourceProblem;
import java.sql.Connection;
import java.sql.SQLException;

/// A server with a binary log keeps nothing for its readers: there is nothing to make and nothing to remove.
final class BinlogKeeper implements LogKeeper {
    private final BinlogServer server;

    BinlogKeeper(BinlogServer server) {
        this.server = server;
    }

    @Override
    public LogPosition beginAnew(CapturePosition stored, boolean force) throws SQLException {
        try (Connection connection = server.connect()) {
            if (!force
                    && server.lost(connection, (BinlogPosition) stored.committed())
                            .isEmpty()) {
                throw new SourceProblem(
                        IngestError.CAPTURE_BINLOG_HEALTHY,
                        "The binary log of source " + server.source().name() + " still holds all that is needed",
                        "./levada reload " + server.source().name()
                                + " TABLE loads one table again; --force repairs all the same");
            }
            return server.end(connection);
        }
    }

    @Override
    public String remove() {
        return "The server of source " + server.source().name() + " keeps nothing for it: nothing had to be removed";
    }
}
