/// Writing the result of a SELECT as the data files of an Iceberg table: types, schema, partitions, synced Parquet.
@NullMarked
package io.levada.transform.result;

import org.jspecify.annotations.NullMarked;
