package io.levada.query.api;

import io.levada.definition.DefinitionReader;
import io.levada.definition.PipelineDefinition;
import io.levada.definition.Secret;
import io.levada.definition.SelectInspector;
import io.levada.lake.LakeConnection;
import io.levada.lake.storage.LocalCopies;
import io.levada.query.QueryProperties;
import io.levada.sql.DuckDbSettings;
import io.levada.sql.QueryExecutor;
import io.levada.sql.QueryLimits;
import io.levada.sql.QueryObserver;
import io.levada.sql.SelectGate;
import io.levada.sql.SelectVerdict;
import io.levada.sql.http.QueryHttpConfiguration;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.cloud.stream.function.StreamBridge;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/// The parts of query-service.
@Configuration(proxyBeanMethods = false)
@Import(QueryHttpConfiguration.class)
class QueryConfiguration {
    @Bean
    @ConditionalOnMissingBean
    PipelineDefinition pipelineDefinition(QueryProperties properties, SelectGate gate) {
        Path directory = properties.projectDirectory();
        if (directory == null) {
            throw new IllegalStateException("levada.query.project-directory is needed to read levada.yaml");
        }
        SelectInspector inspector = sql -> switch (gate.inspect(sql)) {
            case SelectVerdict.Accepted accepted ->
                new SelectInspector.Inspection.Select(
                        accepted.tables(), !accepted.past().isEmpty());
            case SelectVerdict.Refused refused -> new SelectInspector.Inspection.Refused(refused.reason());
        };
        return DefinitionReader.read(directory, System::getenv, inspector).orThrow();
    }

    @Bean(destroyMethod = "close")
    LakeConnection lakeConnection(QueryProperties properties, PipelineDefinition definition) {
        return LakeConnection.to(
                properties.catalogUri(),
                definition.tokens().own().map(Secret::value).orElse(null));
    }

    @Bean
    @ConditionalOnMissingBean
    Lake lake(LakeConnection connection) {
        return new RestLake(connection);
    }

    @Bean
    @ConditionalOnMissingBean
    LocalCopies localCopies(QueryProperties properties) {
        return LocalCopies.in(properties.dataDirectory().resolve("query").resolve("cache"), properties.cacheBytes())
                .droppingUnused();
    }

    @Bean
    LakeTables lakeTables(Lake lake, QueryProperties properties, CatalogPositions positions, LocalCopies copies) {
        return new LakeTables(
                lake,
                new DuckDbSettings(
                        properties.memoryMegabytes(),
                        properties.threads(),
                        properties.dataDirectory().resolve("query"),
                        List.of(copies.readable(properties.lakeLocation()))),
                Clock.systemUTC(),
                positions,
                copies);
    }

    @Bean(destroyMethod = "close")
    CatalogPositions catalogPositions(QueryProperties properties, PipelineDefinition definition) {
        return new CatalogPositions(
                properties.catalogUrl(),
                definition.tokens().own().map(Secret::value).orElse(null));
    }

    @Bean
    QueryLimits queryLimits(QueryProperties properties) {
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
    QueryMetrics queryMetrics(MeterRegistry registry) {
        return new QueryMetrics(registry);
    }

    @Bean
    CompletedQueries completedQueries(StreamBridge bridge, QueryMetrics metrics) {
        return new CompletedQueries(
                message -> {
                    if (!bridge.send("queryCompleted", message)) {
                        throw new IllegalStateException("Kafka did not take a QueryCompleted");
                    }
                },
                metrics);
    }

    @Bean
    QueryObserver queryObserver(QueryMetrics metrics, CompletedQueries completed) {
        return (request, status) -> {
            metrics.ended(status);
            completed.ended(request, status);
        };
    }

    @Bean
    NamedQueries namedQueries(PipelineDefinition definition) {
        return new NamedQueries(definition.queries());
    }

    @Bean
    NamedQueryApi namedQueryApi(NamedQueries queries, QueryExecutor executor, QueryProperties properties) {
        return new NamedQueryApi(queries, executor, properties.namedQueryTimeout());
    }

    @Bean(destroyMethod = "close")
    StatusApi statusApi(QueryProperties properties, PipelineDefinition definition) {
        Map<String, URI> services = new LinkedHashMap<>();
        services.put("ingest", properties.ingestUrl());
        services.put("catalog", properties.catalogUrl());
        services.put("transform", properties.transformUrl());
        services.put("warehouse", properties.warehouseUrl());
        return new StatusApi(
                services, definition.tokens().own().map(Secret::value).orElse(null));
    }

    @Bean
    LineageApi lineageApi(QueryProperties properties, PipelineDefinition definition) {
        return new LineageApi(
                properties.catalogUrl(),
                definition.tokens().own().map(Secret::value).orElse(null));
    }

    @Bean
    HealthIndicator lakeCatalogHealthIndicator(LakeConnection connection) {
        return () -> connection.reachable()
                ? Health.up().build()
                : Health.outOfService()
                        .withDetail("reason", "catalog-service does not answer")
                        .build();
    }
}
