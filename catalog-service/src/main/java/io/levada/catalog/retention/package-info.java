/// Bounds the history in raw tables: [io.levada.catalog.retention.RawRetention] takes out what is older than
/// `raw: keep:` and no current state depends on.
@NullMarked
package io.levada.catalog.retention;

import org.jspecify.annotations.NullMarked;
