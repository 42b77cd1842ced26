/// The change event of one table: its schema, encoding and decoding in the Confluent wire format.
@NullMarked
package io.levada.ingest.changes;

import org.jspecify.annotations.NullMarked;
