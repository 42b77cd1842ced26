package io.levada.query.api;

import io.levada.sql.QueryStatus;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/// Meters of queries over the lake.
final class QueryMetrics {
    private final MeterRegistry registry;

    QueryMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    void ended(QueryStatus status) {
        registry.timer(
                        "levada.query.queries.ended",
                        "state",
                        status.state().name().toLowerCase(Locale.ROOT))
                .record(status.elapsedMillis(), TimeUnit.MILLISECONDS);
        registry.counter("levada.query.bytes.scanned").increment((double) status.scannedBytes());
        registry.counter("levada.query.rows.returned").increment(status.rows().size());
    }

    /// A `QueryCompleted` was given up, because too many waited for Kafka or the service stopped.
    void eventDropped() {
        registry.counter("levada.query.events.dropped").increment();
    }
}
