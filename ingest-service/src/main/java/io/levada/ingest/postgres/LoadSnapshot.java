package io.levada.ingest.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/// One consistent view of a source's tables, which several connections read while it is open.
///
/// A transaction of its own keeps it. Until it is closed, the server keeps the row versions that it sees.
final class LoadSnapshot implements AutoCloseable {
    private final PostgresServer server;
    private final Connection keeper;
    private final String name;
    private final String visible;
    private final long lsn;

    private LoadSnapshot(PostgresServer server, Connection keeper, String name, String visible, long lsn) {
        this.server = server;
        this.keeper = keeper;
        this.name = name;
        this.visible = visible;
        this.lsn = lsn;
    }

    /// Takes over the snapshot of a new slot, so that the connection which made the slot may be closed.
    static LoadSnapshot of(PostgresServer server, PostgresSlots.NewSlot slot) throws SQLException {
        Connection keeper = reading(server, slot.snapshot());
        try (Statement statement = keeper.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_export_snapshot(), pg_current_snapshot()::text")) {
            row.next();
            return new LoadSnapshot(server, keeper, row.getString(1), row.getString(2), slot.consistentPoint());
        } catch (SQLException e) {
            keeper.close();
            throw e;
        }
    }

    /// The transactions that it sees, as `pg_snapshot`.
    String visible() {
        return visible;
    }

    /// The position in the log that it stands at.
    long lsn() {
        return lsn;
    }

    /// A read-only transaction on the snapshot, on a connection of its own.
    Connection open() throws SQLException {
        return reading(server, name);
    }

    /// Begins another transaction on the snapshot.
    void adopt(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TRANSACTION SNAPSHOT '" + name + "'");
        }
    }

    private static Connection reading(PostgresServer server, String snapshot) throws SQLException {
        Connection connection = server.connect();
        try (Statement statement = connection.createStatement()) {
            PostgresServer.fixTextForms(connection);
            statement.execute("SET statement_timeout = 0");
            statement.execute("SET idle_in_transaction_session_timeout = 0");
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setReadOnly(true);
            statement.execute("SET TRANSACTION SNAPSHOT '" + snapshot + "'");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    @Override
    public void close() throws SQLException {
        keeper.close();
    }
}
