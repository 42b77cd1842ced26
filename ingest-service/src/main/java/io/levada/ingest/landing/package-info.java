/// Change topics into Parquet files of the raw layer.
@NullMarked
package io.levada.ingest.landing;

import org.jspecify.annotations.NullMarked;
