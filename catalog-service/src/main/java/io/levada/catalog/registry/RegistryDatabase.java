package io.levada.catalog.registry;

import io.levada.catalog.CatalogDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The registry's SQLite database. Ids count from 1 and are never given twice; a schema keeps its id under every
/// subject. Safe for use by several threads: they take turns on one connection, which is opened anew after a failure:
/// SQLite ends a transaction by itself where the disk is full, and its driver does not know.
final class RegistryDatabase implements AutoCloseable {
    private static final String GLOBAL = "";
    private static final List<String> TABLES = List.of(
            "CREATE TABLE IF NOT EXISTS schemas (id INTEGER PRIMARY KEY AUTOINCREMENT, canonical TEXT NOT NULL UNIQUE)",
            "CREATE TABLE IF NOT EXISTS versions (subject TEXT NOT NULL, version INTEGER NOT NULL, "
                    + "schema_id INTEGER NOT NULL REFERENCES schemas (id), PRIMARY KEY (subject, version), "
                    + "UNIQUE (subject, schema_id))",
            "CREATE TABLE IF NOT EXISTS levels (subject TEXT PRIMARY KEY, level TEXT NOT NULL)");

    private final String url;
    private final Properties settings = new Properties();
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Connection open;

    private RegistryDatabase(Path file, Map<String, String> settings) {
        this.url = "jdbc:sqlite:" + file;
        this.settings.putAll(settings);
    }

    /// Opens `catalog/registry.db` in the data directory.
    static RegistryDatabase open(Path dataDirectory) throws SQLException {
        return open(dataDirectory, CatalogDatabase.sqlite());
    }

    /// @param settings SQLite's pragmas
    static RegistryDatabase open(Path dataDirectory, Map<String, String> settings) throws SQLException {
        RegistryDatabase database = new RegistryDatabase(CatalogDatabase.file(dataDirectory, "registry.db"), settings);
        database.connection();
        return database;
    }

    private Connection connection() throws SQLException {
        Connection connection = open;
        if (connection == null) {
            connection = DriverManager.getConnection(url, settings);
            try (Statement statement = connection.createStatement()) {
                for (String table : TABLES) {
                    statement.execute(table);
                }
                connection.setAutoCommit(false);
            } catch (SQLException e) {
                connection.close();
                throw e;
            }
            open = connection;
        }
        return connection;
    }

    /// Work in one transaction.
    @FunctionalInterface
    interface Work<T> {
        T run() throws SQLException;
    }

    /// Runs work in one transaction, which a failure undoes.
    <T> T inTransaction(Work<T> work) {
        lock.lock();
        try {
            T result = work.run();
            connection().commit();
            return result;
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

    Optional<Integer> schemaId(String canonical) throws SQLException {
        return first("SELECT id FROM schemas WHERE canonical = ?", row -> row.getInt(1), canonical);
    }

    int addSchema(String canonical) throws SQLException {
        execute("INSERT INTO schemas (canonical) VALUES (?)", canonical);
        return schemaId(canonical).orElseThrow();
    }

    Optional<String> schema(int id) throws SQLException {
        return first("SELECT canonical FROM schemas WHERE id = ?", row -> row.getString(1), id);
    }

    void addVersion(String subject, int version, int schemaId) throws SQLException {
        execute("INSERT INTO versions (subject, version, schema_id) VALUES (?, ?, ?)", subject, version, schemaId);
    }

    List<String> subjects() throws SQLException {
        return all("SELECT DISTINCT subject FROM versions ORDER BY subject", row -> row.getString(1));
    }

    List<Integer> versions(String subject) throws SQLException {
        return all("SELECT version FROM versions WHERE subject = ? ORDER BY version", row -> row.getInt(1), subject);
    }

    Optional<RegisteredSchema> version(String subject, int version) throws SQLException {
        return first(
                "SELECT v.subject, v.version, s.id, s.canonical FROM versions v JOIN schemas s ON s.id = v.schema_id "
                        + "WHERE v.subject = ? AND v.version = ?",
                RegistryDatabase::registered,
                subject,
                version);
    }

    Optional<RegisteredSchema> latest(String subject) throws SQLException {
        return first(
                "SELECT v.subject, v.version, s.id, s.canonical FROM versions v JOIN schemas s ON s.id = v.schema_id "
                        + "WHERE v.subject = ? ORDER BY v.version DESC LIMIT 1",
                RegistryDatabase::registered,
                subject);
    }

    Optional<RegisteredSchema> find(String subject, String canonical) throws SQLException {
        return first(
                "SELECT v.subject, v.version, s.id, s.canonical FROM versions v JOIN schemas s ON s.id = v.schema_id "
                        + "WHERE v.subject = ? AND s.canonical = ?",
                RegistryDatabase::registered,
                subject,
                canonical);
    }

    Optional<CompatibilityLevel> level(String subject) throws SQLException {
        return first(
                "SELECT level FROM levels WHERE subject = ?",
                row -> CompatibilityLevel.valueOf(row.getString(1)),
                subject);
    }

    Optional<CompatibilityLevel> globalLevel() throws SQLException {
        return level(GLOBAL);
    }

    void setLevel(String subject, CompatibilityLevel level) throws SQLException {
        execute("INSERT OR REPLACE INTO levels (subject, level) VALUES (?, ?)", subject, level.name());
    }

    void setGlobalLevel(CompatibilityLevel level) throws SQLException {
        setLevel(GLOBAL, level);
    }

    private static RegisteredSchema registered(ResultSet row) throws SQLException {
        return new RegisteredSchema(row.getString(1), row.getInt(2), row.getInt(3), row.getString(4));
    }

    @FunctionalInterface
    private interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    private <T> Optional<T> first(String sql, Row<T> row, Object... parameters) throws SQLException {
        return all(sql, row, parameters).stream().findFirst();
    }

    private <T> List<T> all(String sql, Row<T> row, Object... parameters) throws SQLException {
        try (PreparedStatement statement = prepare(sql, parameters);
                ResultSet rows = statement.executeQuery()) {
            List<T> read = new ArrayList<>();
            while (rows.next()) {
                read.add(row.read(rows));
            }
            return read;
        }
    }

    private void execute(String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = prepare(sql, parameters)) {
            statement.executeUpdate();
        }
    }

    private PreparedStatement prepare(String sql, Object... parameters) throws SQLException {
        PreparedStatement statement = connection().prepareStatement(sql);
        try {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            return statement;
        } catch (SQLException e) {
            statement.close();
            throw e;
        }
    }

    @Override
    public void close() throws SQLException {
        lock.lock();
        try {
            if (open != null) {
                open.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
