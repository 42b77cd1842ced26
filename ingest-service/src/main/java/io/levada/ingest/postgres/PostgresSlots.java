package io.levada.ingest.postgres;

import io.levada.definition.PostgresSource;
import io.levada.definition.SourceTable;
import io.levada.ingest.IngestError;
import io.levada.ingest.capture.SourceProblem;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/// What a source has at its server: a replication slot and a publication, of the same name.
final class PostgresSlots {
    private static final Duration READER_LEAVES = Duration.ofSeconds(5);
    private static final Duration LOOK = Duration.ofMillis(100);

    private final PostgresSource source;
    private final String name;

    PostgresSlots(PostgresSource source, String name) {
        this.source = source;
        this.name = name;
    }

    /// Makes the publication hold exactly these tables.
    void publish(Connection connection, List<SourceTable> tables) throws SQLException {
        String list = tables.stream().map(PostgresServer::quotedName).collect(Collectors.joining(", "));
        try (Statement statement = connection.createStatement()) {
            if (PostgresServer.text(
                            connection, "SELECT 1 FROM pg_publication WHERE pubname = " + PostgresServer.literal(name))
                    .isEmpty()) {
                statement.execute("CREATE PUBLICATION " + PostgresServer.quoted(name) + " FOR TABLE " + list
                        + " WITH (publish_via_partition_root = true)");
            } else if (!published(connection)
                    .equals(tables.stream().map(SourceTable::qualifiedName).collect(Collectors.toSet()))) {
                statement.execute("ALTER PUBLICATION " + PostgresServer.quoted(name) + " SET TABLE " + list);
            }
        } catch (SQLException e) {
            if ("42501".equals(e.getSQLState())) {
                throw new SourceProblem(
                        IngestError.CAPTURE_NO_PUBLICATION_RIGHT,
                        "User '" + source.user() + "' may not publish the tables of source " + source.name() + ": "
                                + e.getMessage(),
                        grants(connection, tables)
                                        .map(grants -> "Run " + grants + " Or,")
                                        .orElse("Run")
                                + " as the tables' owner: CREATE PUBLICATION " + PostgresServer.quoted(name)
                                + " FOR TABLE " + list + " WITH (publish_via_partition_root = true);");
            }
            throw e;
        }
    }

    /// The statements that let this user publish the tables: only their owner may, with `CREATE` on the database.
    ///
    /// @return empty where a superuser owns one of them, whose rights nobody should pass on
    private static Optional<String> grants(Connection connection, List<SourceTable> tables) throws SQLException {
        String owners = "SELECT DISTINCT r.rolname, r.rolsuper FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner"
                + " WHERE NOT pg_has_role(c.relowner, 'USAGE') AND c.oid IN ("
                + tables.stream()
                        .map(table -> PostgresServer.literal(PostgresServer.quotedName(table)) + "::regclass")
                        .collect(Collectors.joining(", "))
                + ")";
        return PostgresServer.text(
                connection,
                "WITH owner AS (" + owners + ") SELECT string_agg(statement, ' ') FROM ("
                        + "SELECT format('GRANT CREATE ON DATABASE %I TO %I;', current_database(), current_user)"
                        + " AS statement WHERE NOT has_database_privilege(current_database(), 'CREATE')"
                        + " UNION ALL SELECT format('GRANT %I TO %I;', rolname, current_user) FROM owner) s"
                        + " WHERE NOT EXISTS (SELECT FROM owner WHERE rolsuper)");
    }

    /// `schema.table` of every table in the publication. One that another user made with the right tables is left
    /// alone.
    private Set<String> published(Connection connection) throws SQLException {
        Set<String> names = new HashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT schemaname || '.' || tablename FROM pg_publication_tables WHERE pubname = "
                                + PostgresServer.literal(name))) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    /// State of this source's slot.
    ///
    /// @param confirmed the position up to which the slot was acknowledged
    /// @param lost whether the server removed log that the slot needs
    record Slot(long confirmed, boolean active, boolean lost) {}

    Optional<Slot> state(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT confirmed_flush_lsn, active, wal_status FROM pg_replication_slots WHERE slot_name = "
                                + PostgresServer.literal(name))) {
            if (!rows.next()) {
                return Optional.empty();
            }
            return Optional.of(new Slot(
                    PostgresServer.lsn(rows.getString(1)), rows.getBoolean(2), "lost".equals(rows.getString(3))));
        }
    }

    /// State of this source's slot, after a reader that is just going has gone.
    Optional<Slot> resting(Connection connection) throws SQLException {
        long deadline = System.nanoTime() + READER_LEAVES.toNanos();
        Optional<Slot> state = state(connection);
        while (state.filter(Slot::active).isPresent() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(LOOK.toNanos());
            state = state(connection);
        }
        return state;
    }

    void drop(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_drop_replication_slot(" + PostgresServer.literal(name) + ")");
        }
    }

    /// Removes slot and publication, where they are there.
    ///
    /// @return what was done, for people
    /// @throws SourceProblem where somebody reads from the slot
    String remove(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            Optional<Slot> state = resting(connection);
            if (state.filter(Slot::active).isPresent()) {
                throw new SourceProblem(
                        IngestError.CAPTURE_SLOT_IN_USE,
                        "Replication slot " + name + " of source " + source.name() + " is in use: a pipeline runs",
                        "Stop it, or name no PROJECT so that the running pipeline drops it");
            }
            if (state.isPresent()) {
                drop(connection);
            }
            boolean published = PostgresServer.text(
                            connection, "SELECT 1 FROM pg_publication WHERE pubname = " + PostgresServer.literal(name))
                    .isPresent();
            statement.execute("DROP PUBLICATION IF EXISTS " + PostgresServer.quoted(name));
            return state.isEmpty() && !published
                    ? "Source " + source.name() + " has neither slot nor publication " + name
                    : "Slot and publication " + name + " of source " + source.name() + " are removed";
        }
    }

    /// A new slot at position `consistentPoint`, and the snapshot of the database at that very point; the snapshot
    /// lives as long as the connection that made it is left alone.
    record NewSlot(long consistentPoint, String snapshot) {}

    NewSlot create(Connection replication) throws SQLException {
        return create(replication, PostgresServer.quoted(name), slotOptions(replication));
    }

    /// A slot for its snapshot only; it is gone with the connection. Waits for the transactions that are open now.
    NewSlot createPassing(Connection replication) throws SQLException {
        String passing = "levada_load_" + UUID.randomUUID().toString().replace('-', '_');
        return create(replication, PostgresServer.quoted(passing) + " TEMPORARY", "EXPORT_SNAPSHOT");
    }

    private NewSlot create(Connection replication, String which, String options) throws SQLException {
        try (Statement statement = replication.createStatement();
                ResultSet rows =
                        statement.executeQuery("CREATE_REPLICATION_SLOT " + which + " LOGICAL pgoutput " + options)) {
            if (!rows.next()) {
                throw new SQLException("CREATE_REPLICATION_SLOT answered nothing");
            }
            return new NewSlot(PostgresServer.lsn(rows.getString("consistent_point")), rows.getString("snapshot_name"));
        } catch (SQLException e) {
            if ("53400".equals(e.getSQLState())) {
                throw new SourceProblem(
                        IngestError.CAPTURE_NO_SLOT_LEFT,
                        "Source " + source.name() + ": all replication slots are in use",
                        "Run ALTER SYSTEM SET max_replication_slots = ...; and restart PostgreSQL, or drop a slot that"
                                + " nobody uses");
            }
            throw e;
        }
    }

    /// From PostgreSQL 17 on a primary's slot can follow to its standbys, where these ask for it.
    private static String slotOptions(Connection replication) throws SQLException {
        if (replication.getMetaData().getDatabaseMajorVersion() < 17) {
            return "EXPORT_SNAPSHOT";
        }
        boolean standby = PostgresServer.text(replication, "SELECT pg_is_in_recovery()")
                .orElse("")
                .equals("t");
        return standby ? "(SNAPSHOT 'export')" : "(SNAPSHOT 'export', FAILOVER true)";
    }
}
