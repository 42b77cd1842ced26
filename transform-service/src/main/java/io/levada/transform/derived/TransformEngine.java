package io.levada.transform.derived;

import io.levada.lake.storage.LocalCopies;
import io.levada.sql.DuckDbSettings;
import java.nio.file.Path;

/// What tables are computed with.
///
/// @param settings the engine can read the copies and write to the staging folder
/// @param copies of a bucket's files, as the engine reads them
/// @param staging a folder for results on their way into a bucket
public record TransformEngine(DuckDbSettings settings, LocalCopies copies, Path staging) {}
