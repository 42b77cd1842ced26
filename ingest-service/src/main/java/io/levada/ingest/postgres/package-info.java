/// Capture of PostgreSQL: its slot and log, its loads by COPY, and what its catalog tells of changed tables.
@NullMarked
package io.levada.ingest.postgres;

import org.jspecify.annotations.NullMarked;
