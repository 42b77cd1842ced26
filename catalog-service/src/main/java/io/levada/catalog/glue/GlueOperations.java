package io.levada.catalog.glue;

import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.encryption.EncryptionManager;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.glue.model.EntityNotFoundException;

/// Iceberg's operations on a table in Glue, with failures that say what they mean.
///
/// A failure to read the table again after it was committed is an unknown state, not a failed commit: a client that
/// takes it for the latter deletes files of the table.
final class GlueOperations implements TableOperations {
    private final TableOperations operations;
    private final FileIO files;
    private final TableIdentifier table;
    private boolean committed;

    GlueOperations(TableOperations operations, FileIO files, TableIdentifier table) {
        this.operations = operations;
        this.files = files;
        this.table = table;
    }

    @Override
    public @Nullable TableMetadata current() {
        try {
            TableMetadata current = operations.current();
            committed = false;
            return current;
        } catch (SdkException e) {
            throw unread(e);
        }
    }

    @Override
    public @Nullable TableMetadata refresh() {
        try {
            TableMetadata refreshed = operations.refresh();
            committed = false;
            return refreshed;
        } catch (SdkException e) {
            throw unread(e);
        }
    }

    private RuntimeException unread(SdkException failure) {
        RuntimeException unread = GlueFailures.of(table.toString(), failure);
        return committed ? new CommitStateUnknownException(unread) : unread;
    }

    @Override
    public void commit(@Nullable TableMetadata base, TableMetadata metadata) {
        try {
            operations.commit(base, metadata);
            committed = true;
        } catch (ValidationException e) {
            throw e.getCause() instanceof SdkException refusal ? GlueFailures.of(table.toString(), refusal) : e;
        } catch (NotFoundException e) {
            if (e.getCause() instanceof EntityNotFoundException) {
                throw base == null
                        ? new NoSuchNamespaceException(e, "Namespace does not exist: %s", table.namespace())
                        : new NoSuchTableException(e, "Table does not exist: %s", table);
            }
            throw e;
        } catch (SdkException e) {
            // GlueTableOperations passes on only what is a refusal of each attempt, or came before the first.
            throw GlueFailures.of(table.toString(), e);
        }
    }

    @Override
    public FileIO io() {
        return files;
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
    public TableOperations temp(TableMetadata uncommitted) {
        return operations.temp(uncommitted);
    }

    @Override
    public long newSnapshotId() {
        return operations.newSnapshotId();
    }

    @Override
    public boolean requireStrictCleanup() {
        return operations.requireStrictCleanup();
    }
}
