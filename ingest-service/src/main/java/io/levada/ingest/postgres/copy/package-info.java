/// The initial load: COPY from a consistent snapshot straight to Parquet.
@NullMarked
package io.levada.ingest.postgres.copy;

import org.jspecify.annotations.NullMarked;
