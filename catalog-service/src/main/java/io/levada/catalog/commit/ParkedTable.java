package io.levada.catalog.commit;

import io.levada.catalog.CatalogError;

/// A table to which nothing can be committed now. What it waits for is not kept here but read again from Kafka, from
/// `offset` on.
///
/// @param eventId of the event that can not be settled; empty where it can not be read
/// @param offset of that event
/// @param dueNanos when it is tried again, in `System.nanoTime()`
record ParkedTable(
        String table, CatalogError code, String reason, String eventId, long offset, Backoff backoff, long dueNanos) {
    boolean due(long nanoTime) {
        return nanoTime - dueNanos >= 0;
    }
}
