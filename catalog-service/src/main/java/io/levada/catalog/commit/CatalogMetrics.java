package io.levada.catalog.commit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.function.Supplier;

/// Meters of the committer.
final class CatalogMetrics {
    private final MeterRegistry registry;
    private final Counter events;
    private final Timer commits;
    private final Counter refused;
    private final Counter announced;

    CatalogMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.events = Counter.builder("levada.catalog.events.committed")
                .description("FilesWritten events that became part of a table")
                .register(registry);
        this.commits = Timer.builder("levada.catalog.commits")
                .description("Iceberg commits made by the committer")
                .register(registry);
        this.refused = Counter.builder("levada.catalog.events.refused")
                .description("FilesWritten events that were refused")
                .register(registry);
        this.announced = Counter.builder("levada.catalog.snapshots.announced")
                .description("Snapshots announced as TableCommitted")
                .register(registry);
    }

    void committed(int count, Duration time) {
        events.increment(count);
        commits.record(time);
    }

    void refused() {
        refused.increment();
    }

    void announced() {
        announced.increment();
    }

    /// Watches how many tables are parked.
    void parkedTables(Supplier<Number> count) {
        Gauge.builder("levada.catalog.tables.parked", count)
                .description("Tables to which nothing can be committed now")
                .register(registry);
    }
}
