/// Iceberg's JDBC catalog with commits whose outcome is found out, and metadata that is read once.
@NullMarked
package io.levada.catalog.database;

import org.jspecify.annotations.NullMarked;
