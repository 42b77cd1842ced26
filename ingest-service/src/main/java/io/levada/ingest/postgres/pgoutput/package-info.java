/// PostgreSQL's logical replication messages, as the output plugin `pgoutput` writes them.
@NullMarked
package io.levada.ingest.postgres.pgoutput;

import org.jspecify.annotations.NullMarked;
