package io.levada.catalog.retention;

import io.levada.catalog.BegunLoads;
import io.levada.catalog.CatalogBackend;
import io.levada.catalog.CatalogProperties;
import io.levada.catalog.MaintenanceSteps;
import io.levada.catalog.SnapshotAnnouncer;
import io.levada.catalog.erasure.RowRemoval;
import io.levada.catalog.erasure.TableReader;
import io.levada.catalog.maintenance.FileRewrite;
import io.levada.definition.PipelineDefinition;
import io.levada.definition.RawSettings;
import io.levada.lake.storage.LocalCopies;
import io.levada.sql.DuckDbSettings;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.apache.iceberg.catalog.Catalog;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The parts of retention.
@Configuration(proxyBeanMethods = false)
class RetentionConfiguration {
    private static final int ENGINE_MEGABYTES = 256;
    private static final int ENGINE_THREADS = 2;

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
            LocalCopies copies,
            CatalogProperties properties,
            PipelineDefinition definition,
            MaintenanceSteps steps,
            SnapshotAnnouncer announcer,
            BegunLoads loads,
            Days days) {
        Path folder = properties.dataDirectory().toAbsolutePath().resolve("catalog");
        return of(backend.tables(), copies, folder, steps, announcer, loads, definition.raw(), days.clock());
    }

    /// @param folder for what is read and written on the way
    static RawRetention of(
            Catalog catalog,
            LocalCopies copies,
            Path folder,
            MaintenanceSteps steps,
            SnapshotAnnouncer announcer,
            BegunLoads loads,
            RawSettings settings,
            Clock clock) {
        Path extracts = folder.resolve("retention");
        DuckDbSettings engine =
                new DuckDbSettings(ENGINE_MEGABYTES, ENGINE_THREADS, folder.resolve("spill"), List.of(extracts));
        TableReader reader = new TableReader(engine, copies);
        return new RawRetention(
                catalog,
                new HistoryReader(reader, extracts),
                new RowRemoval(
                        catalog,
                        new FileRewrite(engine, copies, folder.resolve("rewritten")),
                        reader,
                        steps,
                        announcer),
                loads,
                settings,
                clock);
    }
}
