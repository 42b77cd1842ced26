/// Capture of MariaDB and MySQL: their binary log, and their loads by queries.
@NullMarked
package io.levada.ingest.binlog;

import org.jspecify.annotations.NullMarked;
