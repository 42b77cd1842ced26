package io.levada.catalog.maintenance;

import io.levada.catalog.AnnouncedSnapshots;
import io.levada.catalog.CatalogBackend;
import io.levada.catalog.CatalogProperties;
import io.levada.catalog.MaintenanceSteps;
import io.levada.catalog.SnapshotAnnouncer;
import io.levada.catalog.UnsettledEvents;
import io.levada.definition.PipelineDefinition;
import io.levada.lake.LakeLayout;
import io.levada.lake.storage.LakeFileIO;
import io.levada.lake.storage.LocalCopies;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.io.FileIO;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The parts of maintenance.
@Configuration(proxyBeanMethods = false)
class MaintenanceConfiguration {
    /// Longer than a producer waits between two attempts to offer its files.
    private static final Duration PRODUCERS_TURN = Duration.ofMinutes(2);

    /// Of files in a bucket that are rewritten.
    private static final long CACHE_BYTES = 2L << 30;

    @Bean
    @ConditionalOnMissingBean
    MaintenanceSteps maintenanceSteps() {
        return (_, _) -> {};
    }

    @Bean
    MaintenanceMetrics maintenanceMetrics(MeterRegistry registry) {
        return new MaintenanceMetrics(registry);
    }

    /// How long producers are given to offer what Kafka kept them from offering.
    record ProducersTurn(Duration duration) {}

    @Bean
    @ConditionalOnMissingBean
    ProducersTurn producersTurn() {
        return new ProducersTurn(PRODUCERS_TURN);
    }

    @Bean
    MaintenanceLoop maintenanceLoop(
            CatalogBackend backend,
            FileWork work,
            CatalogProperties properties,
            PipelineDefinition definition,
            MaintenanceSteps steps,
            SnapshotAnnouncer announcer,
            AnnouncedSnapshots announced,
            UnsettledEvents events,
            ProducersTurn producersTurn,
            HistoryBound history,
            MaintenanceMetrics metrics) {
        Catalog catalog = backend.tables();
        Clock clock = Clock.systemUTC();
        return new MaintenanceLoop(
                catalog,
                loop -> {
                    RewriteCommit commits = new RewriteCommit(catalog);
                    return new MaintenanceParts(
                            new TableMaintenance(
                                    catalog,
                                    new Compaction(
                                            catalog, work.rewrite(), commits, steps, announcer, clock, loop::closing),
                                    new ManifestRewrite(catalog, commits, steps, announcer),
                                    new SnapshotExpiry(catalog, announced, steps, clock),
                                    history,
                                    events,
                                    clock),
                            new OrphanFiles(
                                    catalog,
                                    events,
                                    new LakeLayout(properties.lakeLocation()),
                                    files(backend),
                                    steps,
                                    clock,
                                    () -> loop.pause(producersTurn.duration())));
                },
                definition.maintenance(),
                metrics,
                clock);
    }

    @Bean
    @ConditionalOnMissingBean
    LocalCopies localCopies(CatalogProperties properties) {
        return LocalCopies.in(folder(properties).resolve("cache"), CACHE_BYTES).droppingUnused();
    }

    @Bean
    FileWork fileWork(CatalogProperties properties, LocalCopies copies) {
        return new FileWork(folder(properties), copies);
    }

    private static FileIO files(CatalogBackend backend) {
        LakeFileIO files = new LakeFileIO();
        files.initialize(backend.storage());
        return files;
    }

    private static Path folder(CatalogProperties properties) {
        return properties.dataDirectory().toAbsolutePath().resolve("catalog");
    }
}
