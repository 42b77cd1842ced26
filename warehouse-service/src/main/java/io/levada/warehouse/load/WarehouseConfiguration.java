package io.levada.warehouse.load;

import io.levada.definition.DefinitionReader;
import io.levada.definition.PipelineDefinition;
import io.levada.definition.Secret;
import io.levada.definition.SelectInspector;
import io.levada.events.TableCommitted;
import io.levada.lake.LakeConnection;
import io.levada.lake.storage.LocalCopies;
import io.levada.sql.DuckDbSettings;
import io.levada.sql.QueryLimits;
import io.levada.sql.SelectGate;
import io.levada.sql.SelectVerdict;
import io.levada.sql.http.QueryHttpConfiguration;
import io.levada.warehouse.LoadSteps;
import io.levada.warehouse.WarehouseProperties;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.cloud.stream.function.StreamBridge;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// The parts of warehouse-service.
@Configuration(proxyBeanMethods = false)
@Import(QueryHttpConfiguration.class)
class WarehouseConfiguration {
    private static final Logger log = LoggerFactory.getLogger(WarehouseConfiguration.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Bean
    @ConditionalOnMissingBean
    PipelineDefinition pipelineDefinition(WarehouseProperties properties, SelectGate gate) {
        Path directory = properties.projectDirectory();
        if (directory == null) {
            throw new IllegalStateException("levada.warehouse.project-directory is needed to read levada.yaml");
        }
        SelectInspector inspector = sql -> switch (gate.inspect(sql)) {
            case SelectVerdict.Accepted accepted ->
                new SelectInspector.Inspection.Select(
                        accepted.tables(), !accepted.past().isEmpty());
            case SelectVerdict.Refused refused -> new SelectInspector.Inspection.Refused(refused.reason());
        };
        return DefinitionReader.read(directory, System::getenv, inspector).orThrow();
    }

    @Bean
    @ConditionalOnMissingBean
    LoadSteps loadSteps() {
        return (_, _) -> {};
    }

    @Bean(destroyMethod = "close")
    LakeConnection lakeConnection(WarehouseProperties properties, PipelineDefinition definition) {
        return LakeConnection.to(
                properties.catalogUri(),
                definition.tokens().own().map(Secret::value).orElse(null));
    }

    @Bean
    @ConditionalOnMissingBean
    Lake lake(LakeConnection connection) {
        return connection::load;
    }

    @Bean
    @ConditionalOnMissingBean
    LocalCopies localCopies(WarehouseProperties properties) {
        return LocalCopies.in(properties.dataDirectory().resolve("warehouse").resolve("cache"), properties.cacheBytes())
                .droppingUnused();
    }

    @Bean(destroyMethod = "close")
    WarehouseDatabase warehouseDatabase(WarehouseProperties properties, LocalCopies copies)
            throws SQLException, IOException {
        Path folder = properties.dataDirectory().resolve("warehouse");
        return WarehouseDatabase.open(
                folder.resolve("warehouse.duckdb"),
                new DuckDbSettings(
                        properties.memoryMegabytes(),
                        properties.threads(),
                        folder.resolve("tmp"),
                        List.of(copies.readable(properties.lakeLocation()))));
    }

    @Bean
    WarehouseTables warehouseTables(WarehouseDatabase database) {
        return new WarehouseTables(database, Clock.systemUTC());
    }

    @Bean
    QueryLimits queryLimits(WarehouseProperties properties) {
        QueryLimits defaults = QueryLimits.DEFAULT;
        return new QueryLimits(
                properties.concurrentQueries(),
                defaults.queued(),
                defaults.maxRows(),
                defaults.resultBytes(),
                defaults.retainedResults(),
                defaults.retainedBytes());
    }

    @Bean
    WarehouseMetrics warehouseMetrics(MeterRegistry registry) {
        return new WarehouseMetrics(registry);
    }

    @Bean
    @ConditionalOnMissingBean
    LoadedPublisher loadedPublisher(StreamBridge bridge) {
        return new StreamPublisher(bridge);
    }

    @Bean
    Loads loads(
            PipelineDefinition definition,
            Lake lake,
            WarehouseDatabase database,
            LoadSteps steps,
            LocalCopies copies,
            LoadedPublisher publisher,
            WarehouseMetrics metrics) {
        return new Loads(
                definition.loads().values(),
                lake,
                database,
                new SnapshotLoad(database, steps, Clock.systemUTC()),
                copies,
                publisher,
                metrics);
    }

    @Bean
    LoadLoop loadLoop(Loads loads, WarehouseProperties properties) {
        return new LoadLoop(loads, properties.sweepInterval());
    }

    /// A hint to look. Losing one does no harm: loads are compared with the lake at every interval.
    @Bean
    Consumer<byte[]> warehouseTableCommitted(Loads loads, LoadLoop loop) {
        return body -> {
            try {
                if (!loads.reads(JSON.readValue(body, TableCommitted.class).table())) {
                    return;
                }
            } catch (JacksonException e) {
                log.atWarn().setCause(e).log("A TableCommitted can not be read; all loads are looked at");
            }
            loop.hint();
        };
    }

    @Bean
    StatusApi statusApi(Loads loads) {
        return new StatusApi(loads);
    }
}
