package io.levada.ingest.binlog;

import io.levada.ingest.capture.BinlogPosition;
import io.levada.ingest.capture.StreamedPosition;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/// The trouble of a MariaDB or MySQL that holds loads up: the stream is far behind its log, or the server is a replica
/// and far behind.
final class BinlogTrouble {
    private static final long MOST_BEHIND_BYTES = 256L * 1024 * 1024;
    private static final int MOST_REPLICA_LAG_SECONDS = 60;

    private final BinlogServer server;
    private final StreamedPosition stream;

    BinlogTrouble(BinlogServer server, StreamedPosition stream) {
        this.server = server;
        this.stream = stream;
    }

    /// Why a step is to wait; empty where the source keeps pace.
    Optional<String> reason(Connection connection) throws SQLException {
        BinlogPosition at = (BinlogPosition) stream.now().committed();
        return reason(BinlogServer.bytesAfter(BinlogServer.files(connection), at), replicaLag(connection));
    }

    static Optional<String> reason(long bytesBehind, long replicaLagSeconds) {
        if (bytesBehind > MOST_BEHIND_BYTES) {
            return Optional.of("Waiting for the stream, which is " + (bytesBehind >> 20) + " MB of log behind");
        }
        return replicaLagSeconds > MOST_REPLICA_LAG_SECONDS
                ? Optional.of("Waiting for the source's server, a replica that is " + replicaLagSeconds + " s behind")
                : Optional.empty();
    }

    /// 0 where the server is no replica, or does not tell this user.
    private long replicaLag(Connection connection) {
        String statement = server.isMariaDb() ? "SHOW ALL SLAVES STATUS" : "SHOW REPLICA STATUS";
        String column = server.isMariaDb() ? "Seconds_Behind_Master" : "Seconds_Behind_Source";
        try (Statement asking = connection.createStatement();
                ResultSet rows = asking.executeQuery(statement)) {
            long most = 0;
            while (rows.next()) {
                most = Math.max(most, rows.getLong(column));
            }
            return most;
        } catch (SQLException _) {
            return 0;
        }
    }
}
