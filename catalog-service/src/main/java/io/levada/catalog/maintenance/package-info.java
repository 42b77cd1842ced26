/// Keeps tables small and clean beside the committer: compaction, snapshot expiry, manifests and files that nobody
/// names.
///
/// Nothing is remembered but in the tables themselves: after a stop at any point the next run looks again.
@NullMarked
package io.levada.catalog.maintenance;

import org.jspecify.annotations.NullMarked;
