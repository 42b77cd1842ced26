package io.levada.catalog.registry;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/// The registry's tables, and how they come to be. A schema is found by the digest of its text: PostgreSQL indexes no
/// long texts.
final class RegistryLayout {
    private static final List<String> TABLES = List.of(
            "CREATE TABLE IF NOT EXISTS registry_state (one INTEGER PRIMARY KEY, last_id INTEGER NOT NULL, "
                    + "turns BIGINT NOT NULL)",
            "CREATE TABLE IF NOT EXISTS registry_schemas (id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE, "
                    + "text TEXT NOT NULL)",
            "CREATE TABLE IF NOT EXISTS registry_versions (subject TEXT NOT NULL, version INTEGER NOT NULL, "
                    + "schema_id INTEGER NOT NULL REFERENCES registry_schemas (id), deleted INTEGER NOT NULL, "
                    + "PRIMARY KEY (subject, version))",
            "CREATE INDEX IF NOT EXISTS registry_versions_schema ON registry_versions (schema_id)",
            "CREATE TABLE IF NOT EXISTS registry_levels (subject TEXT PRIMARY KEY, level TEXT NOT NULL)",
            "CREATE TABLE IF NOT EXISTS registry_modes (subject TEXT PRIMARY KEY, mode TEXT NOT NULL)",
            "INSERT INTO registry_state (one, last_id, turns) VALUES (1, 0, 0) ON CONFLICT (one) DO NOTHING");

    private RegistryLayout() {}

    /// Makes what is missing, in the connection's transaction.
    static void create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String table : TABLES) {
                statement.execute(table);
            }
            if (connection.getMetaData().getDatabaseProductName().equals("SQLite") && isFirstLayout(statement)) {
                takeOver(connection, statement);
            }
        }
    }

    /// The layout of 0.1.0's first snapshots, which had no deleted versions and only SQLite.
    private static boolean isFirstLayout(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery(
                "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('schemas', 'versions', 'levels')")) {
            return rows.next() && rows.getInt(1) == 3;
        }
    }

    private static void takeOver(Connection connection, Statement statement) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO registry_schemas (id, fingerprint, text) VALUES (?, ?, ?)");
                ResultSet schemas = statement.executeQuery("SELECT id, canonical FROM schemas")) {
            while (schemas.next()) {
                insert.setInt(1, schemas.getInt(1));
                insert.setString(2, AvroSchema.fingerprint(schemas.getString(2)));
                insert.setString(3, schemas.getString(2));
                insert.executeUpdate();
            }
        }
        for (String step : List.of(
                "INSERT INTO registry_versions SELECT subject, version, schema_id, 0 FROM versions",
                "INSERT INTO registry_levels SELECT subject, level FROM levels",
                "UPDATE registry_state SET last_id = (SELECT coalesce(max(id), 0) FROM schemas)",
                "DROP TABLE versions",
                "DROP TABLE schemas",
                "DROP TABLE levels")) {
            statement.execute(step);
        }
    }
}
