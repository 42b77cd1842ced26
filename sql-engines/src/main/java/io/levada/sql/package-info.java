/// The SQL engine that runs SELECTs over exact Parquet files.
@NullMarked
package io.levada.sql;

import org.jspecify.annotations.NullMarked;
