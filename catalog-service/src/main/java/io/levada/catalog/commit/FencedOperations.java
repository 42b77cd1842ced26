package io.levada.catalog.commit;

import java.util.function.Predicate;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.encryption.EncryptionManager;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;

/// Table operations that commit only on a base for which a condition holds.
///
/// Iceberg refreshes and retries by itself when another commit came first, so a check before a commit says nothing
/// about the base that the commit in the end has. Here every attempt is checked; the catalog's compare-and-swap of
/// the metadata location then makes sure that the checked base is the one that is replaced.
public final class FencedOperations implements TableOperations {
    private final TableOperations operations;
    private final Predicate<TableMetadata> condition;

    /// @param condition on the base of every attempt
    public FencedOperations(TableOperations operations, Predicate<TableMetadata> condition) {
        this.operations = operations;
        this.condition = condition;
    }

    @Override
    public void commit(TableMetadata base, TableMetadata metadata) {
        if (!condition.test(base)) {
            throw new FencedException("The table moved on while the commit waited");
        }
        operations.commit(base, metadata);
    }

    @Override
    public TableMetadata current() {
        return operations.current();
    }

    @Override
    public TableMetadata refresh() {
        return operations.refresh();
    }

    @Override
    public FileIO io() {
        return operations.io();
    }

    @Override
    public EncryptionManager encryption() {
        return operations.encryption();
    }

    @Override
    public String metadataFileLocation(String fileName) {
        return operations.metadataFileLocation(fileName);
    }

    @Override
    public LocationProvider locationProvider() {
        return operations.locationProvider();
    }

    @Override
    public long newSnapshotId() {
        return operations.newSnapshotId();
    }

    /// Always: after an outcome that is not known no manifest may be deleted.
    @Override
    public boolean requireStrictCleanup() {
        return true;
    }
}
