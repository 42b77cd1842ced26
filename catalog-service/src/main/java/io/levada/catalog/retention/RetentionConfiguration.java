package io.levada.catalog.retention;

import io.levada.catalog.BegunLoads;
import io.levada.catalog.CatalogBackend;
import io.levada.catalog.MaintenanceSteps;
import io.levada.catalog.SnapshotAnnouncer;
import io.levada.catalog.erasure.RowRemoval;
import io.levada.catalog.erasure.TableReader;
import io.levada.catalog.maintenance.FileWork;
import io.levada.definition.PipelineDefinition;
import io.levada.definition.RawSettings;
import java.nio.file.Path;
import java.time.Clock;
import org.apache.iceberg.catalog.Catalog;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The parts of retention.
@Configuration(proxyBeanMethods = false)
class RetentionConfiguration {
    /// The clock that says which day it is.
    record Days(Clock clock) {}

    @Bean
    @ConditionalOnMissingBean
    Days days() {
        return new Days(Clock.systemUTC());
    }

    @Bean
    RawRetention rawRetention(
            CatalogBackend backend,
            FileWork work,
            PipelineDefinition definition,
            MaintenanceSteps steps,
            SnapshotAnnouncer announcer,
            BegunLoads loads,
            Days days) {
        return of(backend.tables(), work, steps, announcer, loads, definition.raw(), days.clock());
    }

    static RawRetention of(
            Catalog catalog,
            FileWork work,
            MaintenanceSteps steps,
            SnapshotAnnouncer announcer,
            BegunLoads loads,
            RawSettings settings,
            Clock clock) {
        Path extracts = work.folder().resolve("retention");
        TableReader reader = new TableReader(work.engine(extracts), work.copies());
        return new RawRetention(
                catalog,
                new HistoryReader(reader, extracts),
                new RowRemoval(catalog, work.rewrite(extracts), reader, steps, announcer),
                loads,
                settings,
                clock);
    }
}
