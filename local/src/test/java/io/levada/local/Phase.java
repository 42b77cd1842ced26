package io.levada.local;

/// What a pipeline may be in the middle of when it is killed.
enum Phase {
    /// The initial load of a table.
    LOAD,
    /// Changes on their way from a topic into an offered file.
    STREAM,
    /// Files of a folder on their way from their copy into an offered file.
    FILES,
    /// A commit to a table of the lake.
    COMMIT,
    /// A mirror or a curated table.
    CURATION,
    /// A load into the warehouse whose rows are written and not visible.
    WAREHOUSE
}
