package io.levada.catalog;

import io.levada.catalog.database.DatabaseCatalog;
import io.levada.definition.CatalogDefinition;
import io.levada.lake.storage.BucketAccess;
import io.levada.lake.storage.LakeFileIO;
import io.levada.lake.storage.Staging;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.util.Tasks;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens the Iceberg catalog in its database: SQLite or PostgreSQL. A commit is the compare-and-swap of one row.
public final class CatalogDatabase {
    /// Names the catalog's rows: all who share a database must call it the same.
    private static final String NAME = "levada";

    private static final String POSTGRES_CONNECTIONS = "8";

    private static final Logger LOG = LoggerFactory.getLogger(CatalogDatabase.class);
    private static final int MOST_RETRIES = 100;
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

    private CatalogDatabase() {}

    /// Opens the embedded catalog, creating file and tables where they are missing: SQLite in WAL mode with full
    /// sync and one connection.
    ///
    /// @param dataDirectory the database is `catalog/catalog.db` in it
    /// @param lakeLocation where tables without a location of their own lie
    public static JdbcCatalog open(Path dataDirectory, String lakeLocation) {
        return open(dataDirectory, storage(dataDirectory, lakeLocation, BucketAccess.DEFAULT));
    }

    /// How Iceberg reaches the lake's files, for a catalog that begins: what an earlier one left on its way into
    /// a bucket is deleted.
    ///
    /// @param lakeLocation where tables without a location of their own lie
    /// @param bucket how it is reached, where the lake is in one
    public static Map<String, String> storage(Path dataDirectory, String lakeLocation, BucketAccess bucket) {
        Path staging = dataDirectory.toAbsolutePath().resolve("catalog").resolve("staging");
        Staging.begin(staging);
        Map<String, String> properties = new HashMap<>(bucket.asProperties());
        properties.put(S3FileIOProperties.STAGING_DIRECTORY, staging.toString());
        properties.put(CatalogProperties.WAREHOUSE_LOCATION, lakeLocation);
        properties.put(CatalogProperties.FILE_IO_IMPL, LakeFileIO.class.getName());
        return properties;
    }

    /// Opens the embedded catalog of a lake that may be in a bucket.
    ///
    /// @param storage as [#storage] gives it
    public static JdbcCatalog open(Path dataDirectory, Map<String, String> storage) {
        Map<String, String> properties = new HashMap<>(storage);
        properties.put(CatalogProperties.URI, "jdbc:sqlite:" + file(dataDirectory, "catalog.db"));
        properties.put(CatalogProperties.CLIENT_POOL_SIZE, "1");
        sqlite().forEach((name, value) -> properties.put(JdbcCatalog.PROPERTY_PREFIX + name, value));
        return open(properties);
    }

    /// Opens the catalog in a PostgreSQL database, creating tables where they are missing; waits a minute for a
    /// server that is away.
    ///
    /// @param storage as [#storage] gives it
    public static JdbcCatalog open(CatalogDefinition.Postgres database, Map<String, String> storage) {
        Map<String, String> properties = new HashMap<>(storage);
        properties.put(CatalogProperties.URI, database.url());
        properties.put(CatalogProperties.CLIENT_POOL_SIZE, POSTGRES_CONNECTIONS);
        postgres(database).forEach((name, value) -> properties.put(JdbcCatalog.PROPERTY_PREFIX + name, value));
        AtomicReference<@Nullable JdbcCatalog> opened = new AtomicReference<>();
        Tasks.foreach(database)
                .retry(MOST_RETRIES)
                .exponentialBackoff(500, 5_000, LONGEST_WAIT.toMillis(), 2)
                .shouldRetryTest(CatalogDatabase::isAway)
                .throwFailureWhenFinished()
                .run(_ -> opened.set(open(properties)));
        return Objects.requireNonNull(opened.get());
    }

    /// Whether the server does not answer, or starts or stops: SQLSTATE classes 08 and 57. A wrong password or a
    /// missing database does not pass by itself.
    private static boolean isAway(Exception failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                LOG.atWarn()
                        .addKeyValue("sqlState", sql.getSQLState())
                        .log("The catalog's database does not let us in");
                return sql.getSQLState().startsWith("08") || sql.getSQLState().startsWith("57");
            }
        }
        return false;
    }

    private static JdbcCatalog open(Map<String, String> properties) {
        properties.put(JdbcCatalog.PROPERTY_PREFIX + "schema-version", "V1");
        return DatabaseCatalog.open(NAME, properties);
    }

    /// SQLite's settings for a database that must not lose what was committed.
    public static Map<String, String> sqlite() {
        return Map.of("journal_mode", "WAL", "synchronous", "FULL", "busy_timeout", "30000");
    }

    /// Settings of PostgreSQL's driver: who connects, and how long an answer that does not come is waited for.
    public static Map<String, String> postgres(CatalogDefinition.Postgres database) {
        return Map.of(
                "user",
                database.user(),
                "password",
                database.password().value(),
                "connectTimeout",
                "10",
                "socketTimeout",
                "30",
                "tcpKeepAlive",
                "true",
                "ApplicationName",
                "levada-catalog");
    }

    /// A database file of this service; its folder is created.
    public static Path file(Path dataDirectory, String name) {
        Path folder = dataDirectory.toAbsolutePath().resolve("catalog");
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot create " + folder, e);
        }
        return folder.resolve(name);
    }
}
