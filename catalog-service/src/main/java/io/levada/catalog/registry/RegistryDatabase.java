package io.levada.catalog.registry;

import io.levada.catalog.CatalogDatabase;
import io.levada.definition.CatalogDefinition;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;

/// The registry's database: SQLite in a file of its own, or PostgreSQL. The same SQL runs on both.
///
/// Safe for use by several threads: they take turns on one connection, which is opened anew after a failure: SQLite
/// ends a transaction by itself where the disk is full, and its driver does not know. Several services on one database
/// take turns too: each transaction that writes begins with [RegistryTables#takeTurn].
final class RegistryDatabase implements AutoCloseable {
    private static final int ATTEMPTS = 3;
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(50);

    private final String url;
    private final Properties settings = new Properties();
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Connection open;

    private RegistryDatabase(String url, Map<String, String> settings) {
        this.url = url;
        this.settings.putAll(settings);
    }

    /// Opens `catalog/registry.db` in the data directory.
    static RegistryDatabase sqlite(Path dataDirectory) throws SQLException {
        return sqlite(dataDirectory, CatalogDatabase.sqlite());
    }

    /// @param settings SQLite's pragmas
    static RegistryDatabase sqlite(Path dataDirectory, Map<String, String> settings) throws SQLException {
        return open("jdbc:sqlite:" + CatalogDatabase.file(dataDirectory, "registry.db"), settings);
    }

    /// Opens the registry's tables in a PostgreSQL database, where they may stand beside the catalog's.
    static RegistryDatabase postgres(CatalogDefinition.Postgres database) throws SQLException {
        return open(database.url(), CatalogDatabase.postgres(database));
    }

    /// Opens a database and makes the registry's tables where they are missing.
    ///
    /// @param url `jdbc:postgresql:...` or `jdbc:sqlite:...`
    /// @param settings the driver's properties, such as `user` and `password`
    private static RegistryDatabase open(String url, Map<String, String> settings) throws SQLException {
        RegistryDatabase database = new RegistryDatabase(url, settings);
        try {
            database.connection();
        } catch (SQLException e) {
            throw new SQLException("The schema registry's database can not be opened: " + e.getMessage(), e);
        }
        return database;
    }

    private Connection connection() throws SQLException {
        Connection connection = open;
        if (connection == null) {
            connection = connected();
            try {
                connection.setAutoCommit(false);
                create(connection);
            } catch (SQLException e) {
                connection.close();
                throw e;
            }
            open = connection;
        }
        return connection;
    }

    /// SQLite does not wait where two connections turn on the write-ahead log of a new database at once: it
    /// refuses one.
    private Connection connected() throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                return DriverManager.getConnection(url, settings);
            } catch (SQLException e) {
                if (e.getErrorCode() != SQLiteErrorCode.SQLITE_BUSY.code || attempt == ATTEMPTS) {
                    throw e;
                }
                LockSupport.parkNanos(BETWEEN_ATTEMPTS.toNanos());
            }
        }
    }

    /// Two services that make the same table at the same time can be refused by PostgreSQL; then it is there.
    private static void create(Connection connection) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                RegistryLayout.create(connection);
                connection.commit();
                return;
            } catch (SQLException e) {
                connection.rollback();
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /// Work in one transaction.
    @FunctionalInterface
    interface Work<T> {
        T run(RegistryTables tables) throws SQLException;
    }

    /// Runs work that only reads.
    <T> T read(Work<T> work) {
        return inTransaction(work);
    }

    /// Runs work that changes something, after all other such work, here and in other services.
    <T> T write(Work<T> work) {
        return inTransaction(tables -> {
            tables.takeTurn();
            return work.run(tables);
        });
    }

    private <T> T inTransaction(Work<T> work) {
        lock.lock();
        try {
            return attempt(work);
        } catch (SQLException e) {
            disconnect(e);
            throw new IllegalStateException("The registry's database failed: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            rollBack(e);
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /// A connection that broke since it was last used is replaced once, as long as nothing was committed on it.
    private <T> T attempt(Work<T> work) throws SQLException {
        T result;
        try {
            result = work.run(new RegistryTables(connection()));
        } catch (SQLException e) {
            if (!isBroken(e)) {
                throw e;
            }
            disconnect(e);
            result = work.run(new RegistryTables(connection()));
        }
        connection().commit();
        return result;
    }

    /// Class 08 of SQLSTATE is the connection's; 57P01 to 57P03 are those of a PostgreSQL that goes down or comes
    /// up.
    private static boolean isBroken(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.startsWith("08") || state.startsWith("57P");
    }

    private void rollBack(RuntimeException cause) {
        try {
            connection().rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
            disconnect(cause);
        }
    }

    /// Ends the connection, and with it an open transaction; the next work opens another.
    private void disconnect(Exception cause) {
        Connection failed = open;
        open = null;
        if (failed != null) {
            try {
                failed.close();
            } catch (SQLException e) {
                cause.addSuppressed(e);
            }
        }
    }

    @Override
    public void close() throws SQLException {
        lock.lock();
        try {
            if (open != null) {
                open.close();
                open = null;
            }
        } finally {
            lock.unlock();
        }
    }
}
