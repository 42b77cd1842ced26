/// Captures changes, loads tables, takes in files, and lands them as Parquet.
@NullMarked
package io.levada.ingest;

import org.jspecify.annotations.NullMarked;
