package io.levada.catalog.lineage;

import io.levada.catalog.CatalogProperties;
import io.levada.catalog.LineageReport;
import io.levada.definition.LineageDefinition.Target;
import io.levada.definition.PipelineDefinition;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.iceberg.catalog.Catalog;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// Lineage's parts. A follower is there only where the definition names somebody to be told.
@Configuration(proxyBeanMethods = false)
class LineageConfiguration {
    @Bean
    SourceDatasets sourceDatasets(PipelineDefinition definition) {
        return new SourceDatasets(definition);
    }

    /// What is told, and the part that runs for it.
    record Telling(LineageReport.Progress progress, SmartLifecycle lifecycle) {}

    @Bean
    Telling lineageTelling(
            PipelineDefinition definition,
            CatalogProperties properties,
            Catalog catalog,
            SourceDatasets sources,
            MeterRegistry registry) {
        return switch (definition.lineage().openLineage()) {
            case Target.None _ -> new Telling(() -> null, new Idle());
            case Target.Http http ->
                telling(definition, properties, catalog, sources, registry, new HttpReceiver(http));
            case Target.Topic topic ->
                telling(
                        definition,
                        properties,
                        catalog,
                        sources,
                        registry,
                        new TopicReceiver(properties.kafkaBootstrapServers(), topic.name()));
        };
    }

    private static Telling telling(
            PipelineDefinition definition,
            CatalogProperties properties,
            Catalog catalog,
            SourceDatasets sources,
            MeterRegistry registry,
            LineageReceiver receiver) {
        LineageFollower follower = new LineageFollower(
                properties.kafkaBootstrapServers(),
                catalog,
                new RunEvents(definition.lineage().namespace(), sources),
                receiver,
                new LineageMetrics(registry));
        return new Telling(follower, new LineageLifecycle(follower));
    }

    @Bean(destroyMethod = "")
    LineageReport.Progress lineageProgress(Telling telling) {
        return telling.progress();
    }

    @Bean
    SmartLifecycle lineageLifecycle(Telling telling) {
        return telling.lifecycle();
    }

    /// Nobody is told.
    private static final class Idle implements SmartLifecycle {
        @Override
        public void start() {}

        @Override
        public void stop() {}

        @Override
        public boolean isRunning() {
            return false;
        }
    }
}
