package io.levada.catalog.erasure;

import io.levada.catalog.AnnouncedSnapshots;
import io.levada.catalog.CatalogBackend;
import io.levada.catalog.CatalogProperties;
import io.levada.catalog.MaintenanceSteps;
import io.levada.catalog.SettledEvents;
import io.levada.catalog.SnapshotAnnouncer;
import io.levada.catalog.UnsettledEvents;
import io.levada.catalog.maintenance.FileRewrite;
import io.levada.catalog.maintenance.RewriteCommit;
import io.levada.lake.storage.LocalCopies;
import io.levada.sql.DuckDbSettings;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.apache.iceberg.catalog.Catalog;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The parts of erasure.
@Configuration(proxyBeanMethods = false)
class ErasureConfiguration {
    private static final int ENGINE_MEGABYTES = 256;
    private static final int ENGINE_THREADS = 2;

    @Bean
    @ConditionalOnMissingBean
    ErasureTiming erasureTiming() {
        return ErasureTiming.DEFAULT;
    }

    @Bean
    Eraser eraser(
            CatalogBackend backend,
            LocalCopies copies,
            CatalogProperties properties,
            MaintenanceSteps steps,
            SnapshotAnnouncer announcer,
            AnnouncedSnapshots announced,
            UnsettledEvents events,
            SettledEvents settled,
            ErasureTiming timing) {
        Catalog catalog = backend.tables();
        Path folder = properties.dataDirectory().toAbsolutePath().resolve("catalog");
        DuckDbSettings engine =
                new DuckDbSettings(ENGINE_MEGABYTES, ENGINE_THREADS, folder.resolve("spill"), List.of());
        TableReader reader = new TableReader(engine, copies);
        return new Eraser(
                catalog,
                reader,
                new RowRemoval(
                        catalog,
                        new FileRewrite(engine, copies, folder.resolve("rewritten")),
                        reader,
                        steps,
                        announcer),
                new OldCopies(catalog, new RewriteCommit(catalog), copies, announced, announcer, steps),
                new ChangeTopicRecords(properties.kafkaBootstrapServers()),
                events,
                settled,
                timing,
                Clock.systemUTC());
    }

    @Bean
    ErasureLoop erasureLoop(Eraser eraser, MeterRegistry registry) {
        ErasureLoop loop = new ErasureLoop(eraser);
        Gauge.builder("levada.catalog.erasures.open", loop, ErasureLoop::open)
                .description("Orders to erase a key that are not done")
                .register(registry);
        return loop;
    }
}
