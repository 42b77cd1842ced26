/// Puts rows aside that could not be taken in, with their reason, into `raw.quarantine`.
@NullMarked
package io.levada.ingest.quarantine;

import org.jspecify.annotations.NullMarked;
