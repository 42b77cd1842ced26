package io.levada.warehouse.load;

import io.levada.definition.WarehouseLoad;
import io.levada.events.TablePosition;
import io.levada.lake.ContentSnapshot;
import io.levada.sql.LakeSession;
import io.levada.sql.ParquetTable;
import io.levada.sql.QueryException;
import io.levada.sql.TableSnapshot;
import io.levada.warehouse.LoadStep;
import io.levada.warehouse.LoadSteps;
import io.levada.warehouse.WarehouseError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Makes one table of the warehouse equal to one snapshot of a table of the lake, in one transaction
/// that also records the snapshot's id.
final class SnapshotLoad {
    /// Temporary: other connections do not see it, and it goes with the connection.
    private static final String STAGED = "temp.levada_staged";

    private final WarehouseDatabase database;
    private final LoadSteps steps;
    private final Clock clock;

    SnapshotLoad(WarehouseDatabase database, LoadSteps steps, Clock clock) {
        this.database = database;
        this.steps = steps;
        this.clock = clock;
    }

    /// @param before what is in the warehouse now, or null
    /// @throws QueryException with a [WarehouseError] where the snapshot's rows do not fit the key; nothing
    /// is changed then
    LoadedTable run(WarehouseLoad load, TableSnapshot snapshot, @Nullable LoadedTable before) throws SQLException {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            LoadedTable loaded;
            try (Statement statement = connection.createStatement()) {
                loaded = new Transaction(database, statement, load, snapshot, before).run(clock.instant());
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            }
            WarehouseDatabase.record(connection, loaded);
            steps.at(LoadStep.BEFORE_COMMIT, load.target());
            connection.commit();
            steps.at(LoadStep.AFTER_COMMIT, load.target());
            return loaded;
        }
    }

    private static final class Transaction {
        private final WarehouseDatabase database;
        private final Statement statement;
        private final WarehouseLoad load;
        private final TableSnapshot snapshot;
        private final @Nullable LoadedTable before;
        private final String target;
        private final List<String> columns;

        Transaction(
                WarehouseDatabase database,
                Statement statement,
                WarehouseLoad load,
                TableSnapshot snapshot,
                @Nullable LoadedTable before) {
            this.database = database;
            this.statement = statement;
            this.load = load;
            this.snapshot = snapshot;
            this.before = before;
            this.target = LakeSession.quotedTable(load.target());
            this.columns = snapshot.table().schema().columns().stream()
                    .map(field -> field.name())
                    .toList();
        }

        LoadedTable run(Instant now) throws SQLException {
            stage(snapshot.table());
            long staged = count("SELECT count(*) FROM " + STAGED);
            checkKey();
            String schema = load.target().substring(0, load.target().indexOf('.'));
            statement.execute("CREATE SCHEMA IF NOT EXISTS " + LakeSession.quoted(schema));
            Counts counts = merges() ? merge() : replace(staged);
            statement.execute("DROP TABLE " + STAGED);
            return new LoadedTable(
                    load.target(),
                    load.from(),
                    WarehouseDatabase.key(load),
                    ContentSnapshot.id(Objects.requireNonNull(snapshot.snapshotId()), snapshot.summary()),
                    staged,
                    counts.inserted(),
                    counts.updated(),
                    counts.deleted(),
                    now.truncatedTo(ChronoUnit.MICROS),
                    false,
                    TablePosition.in(snapshot.summary()));
        }

        private void stage(ParquetTable table) throws SQLException {
            if (table.inPlace() == null) {
                stage(LakeSession.relation(table));
                return;
            }
            try {
                Path file = database.stage(table);
                try {
                    stage("read_parquet(" + LakeSession.literal(file.toString()) + ", hive_partitioning = false)");
                } finally {
                    Files.deleteIfExists(file);
                }
            } catch (IOException e) {
                throw new UncheckedIOException("The rows of " + table.name() + " could not be staged", e);
            }
        }

        private void stage(String relation) throws SQLException {
            statement.execute("CREATE TEMP TABLE levada_staged AS SELECT * FROM " + relation);
        }

        private void checkKey() throws SQLException {
            List<String> missing = load.key().stream()
                    .filter(column -> !columns.contains(column))
                    .toList();
            if (!missing.isEmpty()) {
                throw refused(WarehouseError.KEY_COLUMN_MISSING, "has no column " + String.join(", ", missing));
            }
            if (load.key().isEmpty()) {
                return;
            }
            String key = WarehouseDatabase.key(load);
            long nulls = count("SELECT count(*) FROM " + STAGED + " WHERE "
                    + each(load.key(), column -> column + " IS NULL", " OR "));
            if (nulls > 0) {
                throw refused(WarehouseError.KEY_NULL, "has " + nulls + " rows with NULL in the key (" + key + ")");
            }
            long duplicates = count(
                    "SELECT count(*) FROM (SELECT 1 FROM " + STAGED + " GROUP BY " + key + " HAVING count(*) > 1)");
            if (duplicates > 0) {
                throw refused(
                        WarehouseError.KEY_DUPLICATE,
                        "has " + duplicates + " values of the key (" + key + ") more than once");
            }
        }

        private QueryException refused(WarehouseError error, String what) {
            return new QueryException(
                    error,
                    "Snapshot " + snapshot.snapshotId() + " of " + load.from() + " " + what + "; " + load.target()
                            + " keeps its rows");
        }

        /// Only rows that were loaded by the same key, with the same columns, can be merged with.
        private boolean merges() throws SQLException {
            return !load.key().isEmpty()
                    && before != null
                    && before.key().equals(WarehouseDatabase.key(load))
                    && before.from().equals(load.from())
                    && exists()
                    && described(target).equals(described(STAGED));
        }

        private boolean exists() throws SQLException {
            int dot = load.target().indexOf('.');
            return count("SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database()"
                            + " AND schema_name = "
                            + LakeSession.literal(load.target().substring(0, dot)) + " AND table_name = "
                            + LakeSession.literal(load.target().substring(dot + 1)))
                    > 0;
        }

        private List<String> described(String table) throws SQLException {
            List<String> described = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery("DESCRIBE " + table)) {
                while (rows.next()) {
                    described.add(rows.getString(1) + " " + rows.getString(2));
                }
            }
            return described;
        }

        private Counts replace(long staged) throws SQLException {
            long deleted = exists() ? count("SELECT count(*) FROM " + target) : 0;
            statement.execute("CREATE OR REPLACE TABLE " + target + " AS SELECT * FROM " + STAGED);
            return new Counts(staged, 0, deleted);
        }

        private Counts merge() throws SQLException {
            String sameKey = each(load.key(), column -> "t." + column + " = s." + column, " AND ");
            long deleted = statement.executeUpdate("DELETE FROM " + target + " AS t WHERE NOT EXISTS (SELECT 1 FROM "
                    + STAGED + " AS s WHERE " + sameKey + ")");
            List<String> others = columns.stream()
                    .filter(column -> !load.key().contains(column))
                    .toList();
            long updated = others.isEmpty()
                    ? 0
                    : statement.executeUpdate("UPDATE " + target + " AS t SET "
                            + each(others, column -> column + " = s." + column, ", ") + " FROM " + STAGED
                            + " AS s WHERE " + sameKey + " AND ("
                            + each(others, column -> "t." + column + " IS DISTINCT FROM s." + column, " OR ") + ")");
            String all = each(columns, column -> column, ", ");
            long inserted = statement.executeUpdate("INSERT INTO " + target + " (" + all + ") SELECT " + all + " FROM "
                    + STAGED + " AS s WHERE NOT EXISTS (SELECT 1 FROM " + target + " AS t WHERE " + sameKey + ")");
            return new Counts(inserted, updated, deleted);
        }

        private static String each(List<String> columns, Function<String, String> form, String separator) {
            return columns.stream()
                    .map(column -> form.apply(LakeSession.quoted(column)))
                    .collect(Collectors.joining(separator));
        }

        private long count(String sql) throws SQLException {
            try (ResultSet result = statement.executeQuery(sql)) {
                result.next();
                return result.getLong(1);
            }
        }
    }

    private record Counts(long inserted, long updated, long deleted) {}
}
