package io.levada.catalog.maintenance;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/// Meters of maintenance.
final class MaintenanceMetrics {
    private final MeterRegistry registry;
    private final Timer runs;
    private final Counter filesRewritten;
    private final Counter bytesRewritten;
    private final Counter filesWritten;
    private final Counter snapshotsExpired;
    private final Counter rowsRemoved;
    private final Counter orphansDeleted;
    private final Counter orphanBytes;

    MaintenanceMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.runs = Timer.builder("levada.catalog.maintenance.runs")
                .description("Runs over tables")
                .register(registry);
        this.filesRewritten = counter("files.rewritten", "Small files that were replaced by larger ones");
        this.bytesRewritten = counter("bytes.rewritten", "Bytes of these");
        this.filesWritten = counter("files.written", "Files that replaced small ones");
        this.snapshotsExpired = counter("snapshots.expired", "Snapshots that were taken out of tables");
        this.rowsRemoved = counter("rows.removed", "Rows over the bound of a table's history that were taken out");
        this.orphansDeleted = counter("orphans.deleted", "Files that nothing named");
        this.orphanBytes = counter("orphans.bytes", "Bytes of these");
    }

    private Counter counter(String name, String description) {
        return Counter.builder("levada.catalog.maintenance." + name)
                .description(description)
                .register(registry);
    }

    void table(TableReport report) {
        filesRewritten.increment(report.filesRewritten());
        bytesRewritten.increment(report.bytesRewritten());
        filesWritten.increment(report.filesWritten());
        snapshotsExpired.increment(report.snapshotsExpired());
        rowsRemoved.increment(report.rowsRemoved());
        report.problems().forEach(problem -> failed(problem.code()));
    }

    void deleted(OrphanFiles.Deleted files) {
        orphansDeleted.increment(files.files());
        orphanBytes.increment(files.bytes());
    }

    void run(Duration elapsed) {
        runs.record(elapsed);
    }

    void failed(String code) {
        Counter.builder("levada.catalog.maintenance.problems")
                .description("What maintenance could not do or left alone")
                .tag("code", code)
                .register(registry)
                .increment();
    }
}
