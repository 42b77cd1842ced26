package io.levada.catalog.database;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ServiceUnavailableException;

/// The commit of a table or a view: the compare-and-swap of its metadata's location.
///
/// Where the database gives no answer, the swap is tried again: the new location is of this commit alone, so it can
/// take place once, whichever try is applied. Where it then does not apply, the history tells whether an earlier one
/// has.
///
/// @param history of the table or view
record MetadataSwap(TableIdentifier id, CatalogRows.Kind kind, CatalogRows rows, History history) {
    /// What is known of the metadata that a table or view had.
    interface History {
        /// Where it was before the row's, newest last; the first ones may be forgotten.
        List<String> before(CatalogRows.Row row);
    }

    /// @param location metadata that is nobody else's
    /// @throws AlreadyExistsException where the name is taken
    /// @throws CommitStateUnknownException where the database stays away
    void create(String location) {
        Patience patience = new Patience(id);
        while (true) {
            try {
                rows.insert(id, kind, location);
                return;
            } catch (SQLException e) {
                // The name is taken, perhaps by an earlier try, or the database gave no answer.
                Optional<CatalogRows.Row> taken = taken(patience, e);
                if (taken.isPresent()) {
                    requireOwn(taken.get(), location);
                    return;
                }
            }
        }
    }

    private Optional<CatalogRows.Row> taken(Patience patience, SQLException failure) {
        try {
            Optional<CatalogRows.Row> row = rows.row(id);
            if (row.isEmpty()) {
                pause(patience, failure);
            }
            return row;
        } catch (ServiceUnavailableException e) {
            pause(patience, e);
            return Optional.empty();
        }
    }

    private void requireOwn(CatalogRows.Row row, String location) {
        if (row.kind() != kind) {
            throw new AlreadyExistsException("%s with same name already exists: %s", row.kind(), id);
        }
        if (!row.metadataLocation().equals(location)) {
            throw new AlreadyExistsException("%s already exists: %s", kind, id);
        }
    }

    /// @param next metadata that is nobody else's
    /// @throws CommitFailedException where the metadata is another than `base`
    /// @throws CommitStateUnknownException where the database stays away, or does not tell
    void replace(String base, String next) {
        Patience patience = new Patience(id);
        while (true) {
            try {
                if (!rows.replace(id, kind, base, next) && !(patience.isTried() && wasApplied(base, next))) {
                    throw new CommitFailedException("%s %s has changed since %s", kind, id, base);
                }
                return;
            } catch (SQLException | ServiceUnavailableException e) {
                pause(patience, e);
            }
        }
    }

    private boolean wasApplied(String base, String next) {
        CatalogRows.Row row =
                rows.row(id, kind).orElseThrow(() -> unknown("It is there no more, dropped or under another name"));
        if (row.metadataLocation().equals(next)) {
            return true;
        }
        List<String> before = history.before(row);
        if (!before.contains(next)
                && !before.contains(base)
                && !row.metadataLocation().equals(base)) {
            throw unknown("Its history does not reach back to " + base);
        }
        return before.contains(next);
    }

    private CommitStateUnknownException unknown(String reason) {
        return new CommitStateUnknownException(new IllegalStateException(kind + " " + id + ": " + reason));
    }

    private static void pause(Patience patience, Exception failure) {
        if (!patience.pause(failure)) {
            throw new CommitStateUnknownException(failure);
        }
    }
}
