package io.levada.catalog.glue;

import org.apache.iceberg.TableOperations;
import org.apache.iceberg.aws.glue.GlueCatalog;
import org.apache.iceberg.catalog.TableIdentifier;

/// Iceberg's catalog in Glue, by the names that databases and tables have there.
final class GlueDatabases extends GlueCatalog {
    /// @return operations that have asked Glue nothing yet
    TableOperations operations(TableIdentifier table) {
        return newTableOps(table);
    }

    /// Whether Glue and the engines on it take the name: `[a-z0-9_]`, database 1 to 252, table 1 to 255.
    boolean takes(TableIdentifier table) {
        return isValidIdentifier(table);
    }
}
