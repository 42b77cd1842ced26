/// Access to the lake: the Iceberg catalog, Parquet files with field ids, storage. No Spring, no Kafka.
@NullMarked
package io.levada.lake;

import org.jspecify.annotations.NullMarked;
