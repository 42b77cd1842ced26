package io.levada.catalog;

import io.levada.lake.storage.BucketAccess;
import io.levada.lake.storage.LakeFileIO;
import io.levada.lake.storage.Staging;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.apache.iceberg.jdbc.JdbcCatalog;

/// Opens the Iceberg catalog in its SQLite database. Only catalog-service does; others speak the REST protocol.
///
/// SQLite in WAL mode with full sync and one connection: a commit is the compare-and-swap of one row.
public final class CatalogDatabase {
    private CatalogDatabase() {}

    /// Opens the catalog, creating file and tables where they are missing.
    ///
    /// @param dataDirectory the database is `catalog/catalog.db` in it
    /// @param lakeLocation where tables without a location of their own lie
    public static JdbcCatalog open(Path dataDirectory, String lakeLocation) {
        return open(dataDirectory, lakeLocation, BucketAccess.DEFAULT);
    }

    /// Opens the catalog of a lake that may be in a bucket.
    ///
    /// @param bucket how it is reached
    public static JdbcCatalog open(Path dataDirectory, String lakeLocation, BucketAccess bucket) {
        Path staging = dataDirectory.toAbsolutePath().resolve("catalog").resolve("staging");
        Staging.begin(staging);
        Map<String, String> properties = new HashMap<>(bucket.asProperties());
        properties.put(S3FileIOProperties.STAGING_DIRECTORY, staging.toString());
        properties.put(CatalogProperties.URI, "jdbc:sqlite:" + file(dataDirectory, "catalog.db"));
        properties.put(CatalogProperties.CLIENT_POOL_SIZE, "1");
        properties.put(CatalogProperties.WAREHOUSE_LOCATION, lakeLocation);
        properties.put(CatalogProperties.FILE_IO_IMPL, LakeFileIO.class.getName());
        properties.put(JdbcCatalog.PROPERTY_PREFIX + "schema-version", "V1");
        sqlite().forEach((name, value) -> properties.put(JdbcCatalog.PROPERTY_PREFIX + name, value));
        return (JdbcCatalog) CatalogUtil.loadCatalog(JdbcCatalog.class.getName(), "levada", properties, null);
    }

    /// SQLite's settings for a database that must not lose what was committed.
    public static Map<String, String> sqlite() {
        return Map.of("journal_mode", "WAL", "synchronous", "FULL", "busy_timeout", "30000");
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
