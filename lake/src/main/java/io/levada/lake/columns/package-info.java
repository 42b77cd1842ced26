/// Parquet files that are written column by column: the pages are ours, the file around them is parquet-java's.
@NullMarked
package io.levada.lake.columns;

import org.jspecify.annotations.NullMarked;
