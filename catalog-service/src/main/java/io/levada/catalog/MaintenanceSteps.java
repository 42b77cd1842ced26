package io.levada.catalog;

/// Told of every step of maintenance, on the thread that makes it. Tests stop the process there.
@FunctionalInterface
public interface MaintenanceSteps {
    void reached(MaintenanceStep step, String table);
}
