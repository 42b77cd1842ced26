package io.levada.ingest.capture;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How much log a slot keeps at its server.
///
/// @param retainedBytes from the oldest log that the slot needs to the log's end
/// @param walStatus the server's own word: `reserved`, `extended`, `unreserved` or `lost`
/// @param safeBytes that may still be written before the slot is in danger; null where the server sets no bound
public record SlotHealth(
        long retainedBytes, String walStatus, @Nullable Long safeBytes) {
    private static final String QUERY = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint,"
            + " coalesce(wal_status, 'lost'), safe_wal_size FROM pg_replication_slots WHERE slot_name = ?";

    /// Empty where the slot does not exist.
    public static Optional<SlotHealth> of(Connection connection, String slot) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
            statement.setString(1, slot);
            try (ResultSet rows = statement.executeQuery()) {
                if (!rows.next()) {
                    return Optional.empty();
                }
                long retained = Math.max(0, rows.getLong(1));
                String status = rows.getString(2);
                long safe = rows.getLong(3);
                return Optional.of(new SlotHealth(retained, status, rows.wasNull() ? null : safe));
            }
        }
    }

    /// Whether the server may remove log that the slot needs at any moment.
    boolean inDanger() {
        return walStatus.equals("unreserved");
    }
}
