package io.levada.catalog.erasure;

import io.levada.catalog.AnnouncedSnapshots;
import io.levada.catalog.CatalogBackend;
import io.levada.catalog.CatalogProperties;
import io.levada.catalog.MaintenanceSteps;
import io.levada.catalog.SettledEvents;
import io.levada.catalog.SnapshotAnnouncer;
import io.levada.catalog.UnsettledEvents;
import io.levada.catalog.maintenance.FileWork;
import io.levada.catalog.maintenance.RewriteCommit;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.apache.iceberg.catalog.Catalog;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The parts of erasure.
@Configuration(proxyBeanMethods = false)
class ErasureConfiguration {
    @Bean
    @ConditionalOnMissingBean
    ErasureTiming erasureTiming() {
        return ErasureTiming.DEFAULT;
    }

    @Bean
    Eraser eraser(
            CatalogBackend backend,
            FileWork work,
            CatalogProperties properties,
            MaintenanceSteps steps,
            SnapshotAnnouncer announcer,
            AnnouncedSnapshots announced,
            UnsettledEvents events,
            SettledEvents settled,
            ErasureTiming timing) {
        Catalog catalog = backend.tables();
        TableReader reader = new TableReader(work.engine(), work.copies());
        return new Eraser(
                catalog,
                reader,
                new RowRemoval(catalog, work.rewrite(), reader, steps, announcer),
                new OldCopies(catalog, new RewriteCommit(catalog), work.copies(), announced, announcer, steps),
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
