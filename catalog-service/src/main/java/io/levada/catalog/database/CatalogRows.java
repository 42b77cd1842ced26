package io.levada.catalog.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.ServiceUnavailableException;
import org.apache.iceberg.jdbc.UncheckedInterruptedException;
import org.jspecify.annotations.Nullable;

/// The rows of Iceberg's JDBC catalog, schema version V1, that say which metadata is each table's and each view's.
///
/// @param catalog the catalog's name in them
record CatalogRows(LivePool pool, String catalog) {
    private static final String WHERE = " WHERE catalog_name = ? AND table_namespace = ? AND table_name = ?";

    enum Kind {
        TABLE("Table", " AND (iceberg_type = 'TABLE' OR iceberg_type IS NULL)"),
        VIEW("View", " AND iceberg_type = 'VIEW'");

        private final String shown;
        private final String condition;

        Kind(String shown, String condition) {
            this.shown = shown;
            this.condition = condition;
        }

        @Override
        public String toString() {
            return shown;
        }
    }

    /// What a name stands for.
    ///
    /// @param metadataLocation of the table's, or the view's, metadata
    /// @param previousLocation what the latest commit replaced; null where there was none since the row was made
    record Row(Kind kind, String metadataLocation, @Nullable String previousLocation) {}

    /// @throws ServiceUnavailableException where the database does not answer
    Optional<Row> row(TableIdentifier id) {
        try {
            return run(connection -> {
                try (PreparedStatement select = connection.prepareStatement(
                        "SELECT metadata_location, previous_metadata_location, iceberg_type FROM iceberg_tables"
                                + WHERE)) {
                    name(select, 1, id);
                    try (ResultSet rows = select.executeQuery()) {
                        return rows.next()
                                ? Optional.of(new Row(kind(rows.getString(3)), rows.getString(1), rows.getString(2)))
                                : Optional.empty();
                    }
                }
            });
        } catch (SQLException e) {
            throw new ServiceUnavailableException(
                    e, "The catalog's database does not tell about %s: %s", id, e.getMessage());
        }
    }

    /// Tables that were there before the catalog had views have no type.
    private static Kind kind(@Nullable String type) {
        return "VIEW".equals(type) ? Kind.VIEW : Kind.TABLE;
    }

    /// The table's or the view's row; empty also where the name stands for something of the other kind.
    ///
    /// @throws ServiceUnavailableException where the database does not answer
    Optional<Row> row(TableIdentifier id, Kind kind) {
        return row(id).filter(row -> row.kind() == kind);
    }

    /// Puts one metadata file in the place of another.
    ///
    /// @return false where the table or view has other metadata than `base`, or is not there
    /// @throws SQLException the outcome is then not known
    boolean replace(TableIdentifier id, Kind kind, String base, String next) throws SQLException {
        return run(connection -> {
            try (PreparedStatement update = connection.prepareStatement(
                    "UPDATE iceberg_tables SET metadata_location = ?, previous_metadata_location = ?" + WHERE
                            + " AND metadata_location = ?" + kind.condition)) {
                update.setString(1, next);
                update.setString(2, base);
                name(update, 3, id);
                update.setString(6, base);
                return update.executeUpdate() == 1;
            }
        });
    }

    /// @throws SQLException the name may be taken, or the outcome is not known
    void insert(TableIdentifier id, Kind kind, String metadataLocation) throws SQLException {
        run(connection -> {
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name,"
                            + " metadata_location, previous_metadata_location, iceberg_type)"
                            + " VALUES (?, ?, ?, ?, NULL, ?)")) {
                name(insert, 1, id);
                insert.setString(4, metadataLocation);
                insert.setString(5, kind.name());
                return insert.executeUpdate();
            }
        });
    }

    private void name(PreparedStatement statement, int first, TableIdentifier id) throws SQLException {
        statement.setString(first, catalog);
        statement.setString(first + 1, id.namespace().toString());
        statement.setString(first + 2, id.name());
    }

    private interface Work<T> {
        T run(Connection connection) throws SQLException;
    }

    private <T> T run(Work<T> work) throws SQLException {
        try {
            return pool.run(work::run);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedInterruptedException(e, "Interrupted while the catalog's database was asked");
        }
    }
}
