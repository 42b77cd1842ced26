package io.levada.catalog.lineage;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;

/// Meters of what is told of lineage.
final class LineageMetrics {
    private final MeterRegistry registry;
    private final Counter taken;
    private final Counter refused;
    private final Counter failed;

    LineageMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.taken = Counter.builder("levada.catalog.lineage.events.told")
                .description("OpenLineage events that the receiver took")
                .register(registry);
        this.refused = Counter.builder("levada.catalog.lineage.events.refused")
                .description("OpenLineage events that the receiver called invalid and that were passed over")
                .register(registry);
        this.failed = Counter.builder("levada.catalog.lineage.attempts.failed")
                .description("Attempts to tell of lineage that failed and are repeated")
                .register(registry);
    }

    void countTaken() {
        taken.increment();
    }

    long taken() {
        return (long) taken.count();
    }

    void countRefused() {
        refused.increment();
    }

    long refused() {
        return (long) refused.count();
    }

    void countFailed() {
        failed.increment();
    }

    void lag(Supplier<Number> lag) {
        Gauge.builder("levada.catalog.lineage.lag", lag)
                .description("Announcements of snapshots that are not told to the receiver of lineage yet")
                .register(registry);
    }
}
