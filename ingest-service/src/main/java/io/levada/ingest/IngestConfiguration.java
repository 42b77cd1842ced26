package io.levada.ingest;

import io.levada.definition.DefinitionReader;
import io.levada.definition.PipelineDefinition;
import io.levada.definition.Secret;
import io.levada.definition.SelectInspector;
import io.levada.ingest.changes.SchemaRegistry;
import io.levada.ingest.landing.LandingSteps;
import io.levada.lake.LakeLayout;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.Set;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// Wires ingest-service from its settings and the pipeline definition.
@Configuration(proxyBeanMethods = false)
class IngestConfiguration {
    /// Reads the project directory. The SQL files are other services' concern: here they only have to be there.
    @Bean
    @ConditionalOnMissingBean
    PipelineDefinition pipelineDefinition(IngestProperties properties) {
        Path directory = properties.projectDirectory();
        if (directory == null) {
            throw new IllegalStateException("levada.ingest.project-directory is needed to read levada.yaml");
        }
        SelectInspector unread = sql -> new SelectInspector.Inspection.Select(Set.of());
        return DefinitionReader.read(directory, System::getenv, unread).orThrow();
    }

    @Bean
    @ConditionalOnMissingBean
    LandingSteps landingSteps() {
        return LandingSteps.NONE;
    }

    @Bean
    @ConditionalOnMissingBean
    DefinitionNotice definitionNotice(PipelineDefinition definition) {
        return new DefinitionWatch(definition, System::getenv);
    }

    @Bean
    SchemaRegistry schemaRegistry(IngestProperties properties, PipelineDefinition definition) {
        return new SchemaRegistry(
                properties.registryUri(),
                definition.tokens().own().map(Secret::value).orElse(null));
    }

    @Bean(initMethod = "start")
    Ingest ingest(
            IngestProperties properties,
            PipelineDefinition definition,
            DefinitionNotice notice,
            SchemaRegistry registry,
            LandingSteps steps) {
        return new Ingest(properties, definition, notice, new LakeLayout(properties.lakeLocation()), registry, steps);
    }

    @Bean
    IngestMetrics ingestMetrics(MeterRegistry registry, Ingest ingest) {
        return new IngestMetrics(registry, ingest);
    }

    @Bean
    HealthIndicator partsHealthIndicator(Ingest ingest) {
        return () -> ingest.started()
                ? Health.up().build()
                : Health.outOfService()
                        .withDetail("reason", "Kafka or the catalog is not reachable yet")
                        .build();
    }
}
