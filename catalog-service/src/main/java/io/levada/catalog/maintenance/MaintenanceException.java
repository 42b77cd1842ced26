package io.levada.catalog.maintenance;

import io.levada.catalog.CatalogError;
import org.jspecify.annotations.Nullable;

/// A part of maintenance that could not be done; the table is as it was.
public final class MaintenanceException extends RuntimeException {
    @java.io.Serial
    private static final long serialVersionUID = 1;

    private final CatalogError error;

    public MaintenanceException(CatalogError error, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.error = error;
    }

    public CatalogError error() {
        return error;
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
