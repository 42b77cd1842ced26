package io.levada.catalog.registry;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The registry's tables within one transaction. Ids count from 1 and are never given twice, also not after their
/// schema is deleted for good: its row stays.
final class RegistryTables {
    /// In place of a subject: all.
    static final String GLOBAL = "";

    private static final String VERSIONS = "SELECT v.subject, v.version, s.id, s.text, v.deleted "
            + "FROM registry_versions v JOIN registry_schemas s ON s.id = v.schema_id ";

    private final Connection connection;

    RegistryTables(Connection connection) {
        this.connection = connection;
    }

    /// Waits for every other transaction that has taken its turn, and sees what these have committed. Must be a
    /// transaction's first statement: SQLite would otherwise read before it locks.
    void takeTurn() throws SQLException {
        execute("UPDATE registry_state SET turns = turns + 1 WHERE one = 1");
    }

    Optional<Integer> schemaId(AvroSchema schema) throws SQLException {
        return first(
                "SELECT id FROM registry_schemas WHERE fingerprint = ?", row -> row.getInt(1), schema.fingerprint());
    }

    /// Adds a schema under the next id.
    int addSchema(AvroSchema schema) throws SQLException {
        int id = maxId() + 1;
        addSchema(schema, id);
        return id;
    }

    /// Adds a schema under an id that none has.
    void addSchema(AvroSchema schema, int id) throws SQLException {
        execute(
                "INSERT INTO registry_schemas (id, fingerprint, text) VALUES (?, ?, ?)",
                id,
                schema.fingerprint(),
                schema.canonical());
        execute("UPDATE registry_state SET last_id = ? WHERE one = 1 AND last_id < ?", id, id);
    }

    /// The greatest id that was ever given; 0 where none was.
    int maxId() throws SQLException {
        return first("SELECT last_id FROM registry_state WHERE one = 1", row -> row.getInt(1))
                .orElseThrow();
    }

    /// Whether an id is given, perhaps to a schema that no subject has any more.
    boolean isGiven(int id) throws SQLException {
        return first("SELECT id FROM registry_schemas WHERE id = ?", row -> row.getInt(1), id)
                .isPresent();
    }

    void addVersion(String subject, int version, int schemaId) throws SQLException {
        execute(
                "INSERT INTO registry_versions (subject, version, schema_id, deleted) VALUES (?, ?, ?, 0)",
                subject,
                version,
                schemaId);
    }

    void hideVersion(String subject, int version) throws SQLException {
        execute("UPDATE registry_versions SET deleted = 1 WHERE subject = ? AND version = ?", subject, version);
    }

    void removeVersion(String subject, int version) throws SQLException {
        execute("DELETE FROM registry_versions WHERE subject = ? AND version = ?", subject, version);
    }

    /// All versions of all subjects, by subject and version.
    List<RegisteredSchema> versions() throws SQLException {
        return all(VERSIONS + "ORDER BY v.subject, v.version", RegistryTables::registered);
    }

    /// Oldest first, deleted ones too.
    List<RegisteredSchema> versions(String subject) throws SQLException {
        return all(VERSIONS + "WHERE v.subject = ? ORDER BY v.version", RegistryTables::registered, subject);
    }

    /// The versions that have a schema, deleted ones too.
    List<RegisteredSchema> versionsOf(int schemaId) throws SQLException {
        return all(
                VERSIONS + "WHERE v.schema_id = ? ORDER BY v.subject, v.version", RegistryTables::registered, schemaId);
    }

    Optional<CompatibilityLevel> level(String subject) throws SQLException {
        return first(
                "SELECT level FROM registry_levels WHERE subject = ?",
                row -> CompatibilityLevel.valueOf(row.getString(1)),
                subject);
    }

    void setLevel(String subject, CompatibilityLevel level) throws SQLException {
        execute(
                "INSERT INTO registry_levels (subject, level) VALUES (?, ?) "
                        + "ON CONFLICT (subject) DO UPDATE SET level = excluded.level",
                subject,
                level.name());
    }

    void removeLevel(String subject) throws SQLException {
        execute("DELETE FROM registry_levels WHERE subject = ?", subject);
    }

    Optional<RegistryMode> mode(String subject) throws SQLException {
        return first(
                "SELECT mode FROM registry_modes WHERE subject = ?",
                row -> RegistryMode.valueOf(row.getString(1)),
                subject);
    }

    void setMode(String subject, RegistryMode mode) throws SQLException {
        execute(
                "INSERT INTO registry_modes (subject, mode) VALUES (?, ?) "
                        + "ON CONFLICT (subject) DO UPDATE SET mode = excluded.mode",
                subject,
                mode.name());
    }

    void removeMode(String subject) throws SQLException {
        execute("DELETE FROM registry_modes WHERE subject = ?", subject);
    }

    private static RegisteredSchema registered(ResultSet row) throws SQLException {
        return new RegisteredSchema(
                row.getString(1), row.getInt(2), row.getInt(3), row.getString(4), row.getInt(5) != 0);
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
        PreparedStatement statement = connection.prepareStatement(sql);
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
}
