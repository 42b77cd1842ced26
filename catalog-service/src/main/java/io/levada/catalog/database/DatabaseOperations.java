package io.levada.catalog.database;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.BaseMetastoreTableOperations;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.ServiceUnavailableException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.jdbc.UncheckedInterruptedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A table's metadata in the catalog's database.
///
/// A commit is the compare-and-swap of the metadata's location. Where the database gives no answer, the swap is tried
/// again: the new location is of this commit alone, so it can take place once, whichever try is applied. Where it then
/// does not apply, the table's history tells whether an earlier try was.
final class DatabaseOperations extends BaseMetastoreTableOperations {
    private static final Logger LOG = LoggerFactory.getLogger(DatabaseOperations.class);
    private static final int TRIES = 5;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);

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
        Optional<CatalogRows.Row> row = rows.row(id).filter(CatalogRows.Row::table);
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
        if (base == null) {
            create(next);
        } else {
            replace(base.metadataFileLocation(), next);
        }
    }

    private void requireAbsolute(String location) {
        if (!location.startsWith("/") && !location.matches("[a-z0-9]+:/.*")) {
            throw new ValidationException("Table %s: location %s is not absolute", id, location);
        }
    }

    private void replace(String base, String next) {
        boolean doubted = false;
        for (int tries = 1; ; tries++) {
            try {
                if (!rows.replace(id, base, next) && !(doubted && isInHistory(base, next))) {
                    throw new CommitFailedException("Table %s has changed since %s", id, base);
                }
                return;
            } catch (SQLException | ServiceUnavailableException e) {
                doubted = true;
                pauseOrGiveUp(tries, e);
            }
        }
    }

    /// Whether the metadata is, or was, the table's.
    ///
    /// @throws CommitStateUnknownException where the history does not reach back to the base
    private boolean isInHistory(String base, String location) {
        Optional<CatalogRows.Row> row = rows.row(id).filter(CatalogRows.Row::table);
        if (row.isEmpty()) {
            return false;
        }
        String current = row.get().metadataLocation();
        if (current.equals(location)) {
            return true;
        }
        Set<String> history = Stream.concat(
                        Stream.of(current),
                        read(current).previousFiles().stream().map(TableMetadata.MetadataLogEntry::file))
                .collect(Collectors.toSet());
        if (!history.contains(location) && !history.contains(base)) {
            throw new CommitStateUnknownException(
                    new IllegalStateException("The history of table " + id + " does not reach back to " + base));
        }
        return history.contains(location);
    }

    private void create(String location) {
        for (int tries = 1; ; tries++) {
            try {
                rows.insert(id, location);
                return;
            } catch (SQLException e) {
                // The name is taken, perhaps by an earlier try, or the database gave no answer.
                Optional<CatalogRows.Row> taken = taken(tries, e);
                if (taken.isPresent()) {
                    requireOwn(taken.get(), location);
                    return;
                }
            }
        }
    }

    private Optional<CatalogRows.Row> taken(int tries, SQLException failure) {
        try {
            Optional<CatalogRows.Row> row = rows.row(id);
            if (row.isEmpty()) {
                pauseOrGiveUp(tries, failure);
            }
            return row;
        } catch (ServiceUnavailableException e) {
            pauseOrGiveUp(tries, e);
            return Optional.empty();
        }
    }

    private void requireOwn(CatalogRows.Row row, String location) {
        if (!row.table()) {
            throw new AlreadyExistsException("View with same name already exists: %s", id);
        }
        if (!row.metadataLocation().equals(location)) {
            throw new AlreadyExistsException("Table already exists: %s", id);
        }
    }

    private void pauseOrGiveUp(int tries, Exception failure) {
        LOG.atWarn()
                .addKeyValue("table", id)
                .addKeyValue("tries", tries)
                .setCause(failure)
                .log("The catalog's database gave no answer to a commit");
        if (tries >= TRIES) {
            throw new CommitStateUnknownException(failure);
        }
        try {
            long most = FIRST_PAUSE.toMillis() << tries;
            Thread.sleep(ThreadLocalRandom.current().nextLong(most / 2, most));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommitStateUnknownException(new UncheckedInterruptedException(e, "Interrupted during commit"));
        }
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
