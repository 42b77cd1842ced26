/// Finds Parquet files that lie elsewhere and registers them as tables, in place.
@NullMarked
package io.levada.catalog.crawl;

import org.jspecify.annotations.NullMarked;
