/// What the capture of every database shares: positions and plans in Kafka, orders, progress, and the loop that runs
/// it.
@NullMarked
package io.levada.ingest.capture;

import org.jspecify.annotations.NullMarked;
