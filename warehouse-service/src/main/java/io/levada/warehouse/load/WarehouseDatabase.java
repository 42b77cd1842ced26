package io.levada.warehouse.load;

import io.levada.definition.WarehouseLoad;
import io.levada.events.TablePosition;
import io.levada.events.TableProperties;
import io.levada.sql.DuckDbSettings;
import io.levada.sql.LakeSession;
import io.levada.sql.ParquetTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// The warehouse: one DuckDB file and one instance over it, which loads and queries share.
///
/// The instance reads no files but the lake's and its own, and its configuration is locked. An instance
/// that DuckDB gave up after an error of its own is opened anew. Safe for use by several threads.
final class WarehouseDatabase implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WarehouseDatabase.class);

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path file;
    private final DuckDbSettings settings;
    private Connection instance;

    private WarehouseDatabase(Path file, DuckDbSettings settings, Connection instance) {
        this.file = file;
        this.settings = settings;
        this.instance = instance;
    }

    /// Opens the file, which is created where it is new.
    static WarehouseDatabase open(Path file, DuckDbSettings settings) throws SQLException, IOException {
        Files.createDirectories(file.getParent());
        return new WarehouseDatabase(file, settings, openInstance(file, settings));
    }

    private static Connection openInstance(Path file, DuckDbSettings settings) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("memory_limit", settings.memoryMegabytes() + "MB");
        properties.setProperty("threads", Integer.toString(settings.threads()));
        properties.setProperty("temp_directory", settings.temporaryDirectory().toString());
        properties.setProperty("autoinstall_known_extensions", "false");
        properties.setProperty("autoload_known_extensions", "false");
        properties.setProperty(
                "allowed_directories",
                Stream.concat(settings.readable().stream(), Stream.of(staging(file)))
                        .map(path -> LakeSession.literal(path.toAbsolutePath().toString()))
                        .collect(Collectors.joining(",", "[", "]")));
        Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file.toAbsolutePath(), properties);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET GLOBAL TimeZone = 'UTC'");
            statement.execute("SET enable_external_access = false");
            statement.execute("CREATE SCHEMA IF NOT EXISTS levada");
            statement.execute("""
                    CREATE TABLE IF NOT EXISTS levada.loads (
                        target VARCHAR, source VARCHAR, key_columns VARCHAR, snapshot_id BIGINT, row_count BIGINT,
                        inserted BIGINT, updated BIGINT, deleted BIGINT, loaded_at TIMESTAMPTZ, published BOOLEAN)""");
            statement.execute("ALTER TABLE levada.loads ADD COLUMN IF NOT EXISTS complete_to VARCHAR");
            statement.execute("SET lock_configuration = true");
            return connection;
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private static Path staging(Path file) {
        return file.toAbsolutePath().resolveSibling("staged");
    }

    /// Writes the rows of a table whose files lie elsewhere into a file that the instance may read. It reads no
    /// file there itself: which folders it can read is settled when it is opened.
    ///
    /// @return for the caller to delete
    Path stage(ParquetTable table) throws SQLException, IOException {
        Path folder = Files.createDirectories(staging(file));
        Path staged = folder.resolve(UUID.randomUUID() + ".parquet");
        List<Path> readable = new ArrayList<>(settings.readable());
        readable.add(folder);
        DuckDbSettings own = new DuckDbSettings(
                settings.memoryMegabytes(), settings.threads(), settings.temporaryDirectory(), readable);
        try (LakeSession session = LakeSession.open(own, List.of(table));
                Statement statement = session.connection().createStatement()) {
            statement.execute("COPY (SELECT * FROM " + LakeSession.quotedTable(table.name()) + ") TO "
                    + LakeSession.literal(staged.toString()) + " (FORMAT parquet)");
            return staged;
        } catch (SQLException | RuntimeException e) {
            Files.deleteIfExists(staged);
            throw e;
        }
    }

    /// One more connection to the instance.
    Connection connect() throws SQLException {
        synchronized (this) {
            try (Statement statement = instance.createStatement()) {
                statement.execute("SELECT 1");
            } catch (SQLException e) {
                log.atError().setCause(e).log("The warehouse's engine gave up and is opened anew");
                instance.close();
                instance = openInstance(file, settings);
            }
            return instance.unwrap(DuckDBConnection.class).duplicate();
        }
    }

    /// The loads that are in the warehouse, by target.
    Map<String, LoadedTable> loads() throws SQLException {
        try (Connection connection = connect()) {
            return loads(connection);
        }
    }

    static Map<String, LoadedTable> loads(Connection connection) throws SQLException {
        Map<String, LoadedTable> loads = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT * FROM levada.loads ORDER BY target")) {
            while (rows.next()) {
                loads.put(
                        rows.getString(1),
                        new LoadedTable(
                                rows.getString(1),
                                rows.getString(2),
                                rows.getString(3),
                                rows.getLong(4),
                                rows.getLong(5),
                                rows.getLong(6),
                                rows.getLong(7),
                                rows.getLong(8),
                                rows.getObject(9, OffsetDateTime.class).toInstant(),
                                rows.getBoolean(10),
                                completeTo(rows.getString(11))));
            }
        }
        return loads;
    }

    /// Writes what a load came to, within the caller's transaction.
    static void record(Connection connection, LoadedTable loaded) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM levada.loads WHERE target = ?")) {
            delete.setString(1, loaded.target());
            delete.executeUpdate();
        }
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO levada.loads VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            insert.setString(1, loaded.target());
            insert.setString(2, loaded.from());
            insert.setString(3, loaded.key());
            insert.setLong(4, loaded.snapshotId());
            insert.setLong(5, loaded.rows());
            insert.setLong(6, loaded.inserted());
            insert.setLong(7, loaded.updated());
            insert.setLong(8, loaded.deleted());
            insert.setObject(9, loaded.loadedAt().atOffset(ZoneOffset.UTC));
            insert.setBoolean(10, loaded.published());
            insert.setString(11, text(loaded.completeTo()));
            insert.executeUpdate();
        }
    }

    /// The snapshot's own form, as a JSON object.
    private static String text(Map<String, TablePosition> completeTo) {
        Map<String, String> texts = new TreeMap<>();
        completeTo.forEach((source, position) -> texts.put(TableProperties.COMPLETE_TO + source, position.text()));
        return JSON.writeValueAsString(texts);
    }

    private static Map<String, TablePosition> completeTo(@Nullable String text) {
        return text == null
                ? Map.of()
                : TablePosition.in(JSON.readValue(text, new TypeReference<Map<String, String>>() {}));
    }

    /// Remembers that `TableLoaded` was sent.
    void published(LoadedTable loaded) throws SQLException {
        try (Connection connection = connect();
                PreparedStatement update = connection.prepareStatement(
                        "UPDATE levada.loads SET published = true WHERE target = ? AND snapshot_id = ?")) {
            update.setString(1, loaded.target());
            update.setLong(2, loaded.snapshotId());
            update.executeUpdate();
        }
    }

    static String key(WarehouseLoad load) {
        return load.key().stream().map(LakeSession::quoted).collect(Collectors.joining(", "));
    }

    @Override
    public synchronized void close() throws SQLException {
        instance.close();
    }
}
