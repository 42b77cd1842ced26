package io.levada.catalog.maintenance;

import org.apache.iceberg.DataFile;

/// A new file, closed and synced, and the files whose rows it has.
record Rewritten(RewriteGroup group, DataFile file) {}
