/// The one committer: applies `FilesWritten` to tables and announces new snapshots.
///
/// The fence is the check inside the commit ([io.levada.catalog.commit.FencedOperations]): whoever is elected, a range
/// that a table already holds can not be added to it again.
@NullMarked
package io.levada.catalog.commit;

import org.jspecify.annotations.NullMarked;
