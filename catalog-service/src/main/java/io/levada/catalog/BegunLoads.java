package io.levada.catalog;

import org.apache.iceberg.Table;

/// Tells of loads that sources have begun, also before a table holds a part of one. Safe for use by several threads.
@FunctionalInterface
public interface BegunLoads {
    /// @param name of a raw table of a database, `namespace.name`
    /// @return false only where no rows of a load of it that is not complete are on their way
    boolean mayBeLoading(String name, Table table);
}
