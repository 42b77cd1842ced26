/// Log capture: Postgres changes and their position into Kafka in one transaction.
@NullMarked
package io.levada.ingest.capture;

import org.jspecify.annotations.NullMarked;
