package io.levada.ingest;

import io.levada.definition.PipelineDefinition;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.files.FileSources;
import io.levada.ingest.landing.ChangeLanding;
import io.levada.lake.LakeCatalog;
import java.util.Map;

/// What runs for a definition: a capture for each database, one landing, and the watches of the folders.
///
/// @param captures by source, in the definition's order
record IngestParts(
        PipelineDefinition definition,
        LakeCatalog catalog,
        Map<String, SourceCapture> captures,
        ChangeLanding landing,
        FileSources files)
        implements AutoCloseable {
    /// In the order of the flow: sources first, then landing.
    @Override
    public void close() {
        captures.values().forEach(SourceCapture::close);
        files.close();
        landing.close();
        catalog.close();
    }
}
