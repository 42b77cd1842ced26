package io.levada.catalog;

import io.levada.definition.DefinitionReader;
import io.levada.definition.PipelineDefinition;
import io.levada.definition.SelectInspector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.catalog.Catalog;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/// catalog-service: the one committer, the Iceberg REST catalog at `/iceberg` and the schema registry at `/registry`.
@SpringBootApplication
@EnableConfigurationProperties(CatalogProperties.class)
public class CatalogApplication {
    /// At most 130,000 requests a month, where probes come without end.
    private static final Duration HEALTH_KEPT = Duration.ofSeconds(20);

    public static void main(String[] args) {
        SpringApplication application = new SpringApplication(CatalogApplication.class);
        application.setDefaultProperties(Map.of("spring.config.name", "catalog"));
        application.run(args);
    }

    /// Reads the project directory. The SQL files are other services' concern: here they only have to be there.
    @Bean
    @ConditionalOnMissingBean
    PipelineDefinition pipelineDefinition(CatalogProperties properties) {
        Path directory = properties.projectDirectory();
        if (directory == null) {
            throw new IllegalStateException("levada.catalog.project-directory is needed to read levada.yaml");
        }
        SelectInspector unread = sql -> new SelectInspector.Inspection.Select(Set.of());
        return DefinitionReader.read(directory, System::getenv, unread).orThrow();
    }

    @Bean
    CatalogBackend catalogBackend(PipelineDefinition definition, CatalogProperties properties) {
        return CatalogBackend.open(definition.catalog(), properties);
    }

    @Bean
    CatalogHealth lakeCatalogHealthIndicator(CatalogBackend backend) {
        return new CatalogHealth(backend.namespaces(), HEALTH_KEPT);
    }

    /// The backend's tables, which it closes.
    @Bean(destroyMethod = "")
    Catalog lakeCatalog(CatalogBackend backend) {
        return backend.tables();
    }
}
