/// Turns what was captured into Parquet files and offers them for commit, exactly once.
@NullMarked
package io.levada.ingest.landing;

import org.jspecify.annotations.NullMarked;
