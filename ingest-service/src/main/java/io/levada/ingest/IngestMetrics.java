package io.levada.ingest;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/// Meters of ingest-service. The sources and tables of a definition and the error codes bound the tags.
final class IngestMetrics {
    IngestMetrics(MeterRegistry registry, Ingest ingest) {
        FunctionCounter.builder("levada.ingest.rows.landed", ingest, Ingest::landedRows)
                .description("Rows landed from change topics since this process started")
                .baseUnit("rows")
                .register(registry);
        FunctionCounter.builder("levada.ingest.changes.published", ingest, Ingest::publishedChanges)
                .description("Changes published since this process started")
                .baseUnit("changes")
                .register(registry);
        ingest.quarantined()
                .observe(kind -> FunctionCounter.builder(
                                "levada.ingest.rows.quarantined", ingest.quarantined(), counts -> counts.rows(kind))
                        .description("Rows and whole files put into quarantine since this process started")
                        .baseUnit("rows")
                        .tag("source", kind.source())
                        .tag("table", kind.table())
                        .tag("code", kind.code())
                        .register(registry));
        Gauge.builder(
                        "levada.ingest.source.retained",
                        ingest,
                        it -> it.databases().stream()
                                .mapToLong(source -> source.retainedBytes() == null ? 0 : source.retainedBytes())
                                .max()
                                .orElse(0))
                .description("Log that a server keeps for a source, of the source with the most")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder(
                        "levada.ingest.source.lag",
                        ingest,
                        it -> it.databases().stream()
                                .mapToLong(source -> source.lagBytes() == null ? 0 : source.lagBytes())
                                .max()
                                .orElse(0))
                .description(
                        "Log between the published position and the server's end, of the source that is furthest behind")
                .baseUnit("bytes")
                .register(registry);
    }
}
