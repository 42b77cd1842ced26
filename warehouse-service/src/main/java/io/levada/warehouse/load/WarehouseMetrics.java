package io.levada.warehouse.load;

import io.levada.sql.ErrorCode;
import io.levada.sql.QueryObserver;
import io.levada.sql.QueryRequest;
import io.levada.sql.QueryStatus;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/// Meters of loads and of queries over the warehouse.
final class WarehouseMetrics implements QueryObserver {
    private final MeterRegistry registry;

    WarehouseMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    void loaded(LoadedTable loaded, Duration elapsed) {
        registry.timer("levada.warehouse.snapshots.loaded").record(elapsed);
        registry.counter("levada.warehouse.rows.inserted").increment((double) loaded.inserted());
        registry.counter("levada.warehouse.rows.updated").increment((double) loaded.updated());
        registry.counter("levada.warehouse.rows.deleted").increment((double) loaded.deleted());
    }

    void failed(ErrorCode error) {
        registry.counter("levada.warehouse.snapshots.failed", "code", error.code())
                .increment();
    }

    @Override
    public void ended(QueryRequest request, QueryStatus status) {
        registry.timer(
                        "levada.warehouse.queries.ended",
                        "state",
                        status.state().name().toLowerCase(Locale.ROOT))
                .record(status.elapsedMillis(), TimeUnit.MILLISECONDS);
    }
}
