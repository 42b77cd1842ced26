package io.levada.ingest.postgres;

import io.levada.ingest.capture.LoadBrake;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/// The trouble of a PostgreSQL that holds loads up: its log that the slot retains grows over a bound, or a replica is
/// far behind.
final class PostgresTrouble implements LoadBrake.Trouble {
    private static final long MOST_RETAINED_BYTES = 4L * 1024 * 1024 * 1024;
    private static final int MOST_REPLICA_LAG_SECONDS = 60;

    private final PostgresServer server;

    PostgresTrouble(PostgresServer server) {
        this.server = server;
    }

    @Override
    public Optional<String> reason() throws SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        SELECT coalesce((SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)
                            FROM pg_replication_slots WHERE slot_name = %s), 0)::bigint,
                          coalesce((SELECT extract(epoch FROM max(replay_lag)) FROM pg_stat_replication
                            WHERE pid NOT IN (SELECT active_pid FROM pg_replication_slots
                              WHERE slot_type = 'logical' AND active_pid IS NOT NULL)), 0)::bigint
                        """.formatted(PostgresServer.literal(server.slot())))) {
            row.next();
            return reason(row.getLong(1), row.getLong(2));
        }
    }

    static Optional<String> reason(long retainedBytes, long replicaLagSeconds) {
        if (retainedBytes > MOST_RETAINED_BYTES) {
            return Optional.of("Waiting for the stream: the source retains " + (retainedBytes >> 20) + " MB of log");
        }
        return replicaLagSeconds > MOST_REPLICA_LAG_SECONDS
                ? Optional.of("Waiting for a replica of the source, which is " + replicaLagSeconds + " s behind")
                : Optional.empty();
    }
}
