package io.levada.ingest.capture;

import java.time.Instant;

/// A table is wanted in a newer load than it has, as the source's positions topic keeps it. It is met by any plan of a
/// later generation, so it never has to be taken back.
///
/// @param table the table's lake name
/// @param above the generation that is not enough any more
record ReloadRequest(String table, int above, String reason, Instant at) {}
