package io.levada.catalog.database;

import java.util.List;
import java.util.Optional;
import org.apache.iceberg.BaseMetastoreTableOperations;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.io.FileIO;

/// A table's metadata in the catalog's database. A commit is a [MetadataSwap].
final class DatabaseOperations extends BaseMetastoreTableOperations {
    private final TableIdentifier id;
    private final CatalogRows rows;
    private final MetadataCache cache;
    private final FileIO io;

    DatabaseOperations(TableIdentifier id, CatalogRows rows, MetadataCache cache, FileIO io) {
        this.id = id;
        this.rows = rows;
        this.cache = cache;
        this.io = io;
    }

    @Override
    protected void doRefresh() {
        Optional<CatalogRows.Row> row = rows.row(id, CatalogRows.Kind.TABLE);
        if (row.isPresent()) {
            refreshFromMetadataLocation(row.get().metadataLocation(), null, 2, this::read);
        } else if (currentMetadataLocation() != null) {
            throw new NoSuchTableException("Table does not exist any more: %s", id);
        } else {
            disableRefresh();
        }
    }

    private TableMetadata read(String location) {
        return cache.metadata(location, file -> TableMetadataParser.read(io, file));
    }

    @Override
    protected void doCommit(TableMetadata base, TableMetadata metadata) {
        requireAbsolute(metadata.location());
        String next = writeNewMetadataIfRequired(base == null, metadata);
        MetadataSwap swap = new MetadataSwap(id, CatalogRows.Kind.TABLE, rows, this::before);
        if (base == null) {
            swap.create(next);
        } else {
            swap.replace(base.metadataFileLocation(), next);
        }
    }

    private void requireAbsolute(String location) {
        if (!location.startsWith("/") && !location.matches("[a-z0-9]+:/.*")) {
            throw new ValidationException("Table %s: location %s is not absolute", id, location);
        }
    }

    /// As far as the table's metadata log reaches back.
    private List<String> before(CatalogRows.Row row) {
        return read(row.metadataLocation()).previousFiles().stream()
                .map(TableMetadata.MetadataLogEntry::file)
                .toList();
    }

    @Override
    protected String tableName() {
        return id.toString();
    }

    @Override
    public FileIO io() {
        return io;
    }
}
