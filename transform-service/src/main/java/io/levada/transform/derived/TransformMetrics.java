package io.levada.transform.derived;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/// The service's meters. Tags are the definition's tables and the stable error codes.
final class TransformMetrics {
    private final MeterRegistry registry;

    TransformMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    void computed(String table, Duration elapsed, long rows) {
        Timer.builder("levada.transform.tables.computed")
                .description("Computations of a derived table, and their duration")
                .tag("table", table)
                .register(registry)
                .record(elapsed);
        Counter.builder("levada.transform.rows.written")
                .description("Rows of computed results")
                .baseUnit("rows")
                .tag("table", table)
                .register(registry)
                .increment(rows);
    }

    void published(String table) {
        Counter.builder("levada.transform.results.committed")
                .description("Results that the committer took")
                .tag("table", table)
                .register(registry)
                .increment();
    }

    void failed(String table, String code) {
        Counter.builder("levada.transform.tables.failed")
                .description("Failures to compute or offer a derived table")
                .tag("table", table)
                .tag("code", code)
                .register(registry)
                .increment();
    }
}
