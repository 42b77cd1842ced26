/// Watched folders: files are numbered as they arrive, and each becomes one atomic commit of its raw table.
@NullMarked
package io.levada.ingest.files;

import org.jspecify.annotations.NullMarked;
