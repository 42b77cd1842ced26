package io.levada.catalog.registry;

import io.levada.catalog.CatalogProperties;
import io.levada.definition.CatalogDefinition;
import io.levada.definition.PipelineDefinition;
import java.sql.SQLException;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The registry's parts.
@Configuration(proxyBeanMethods = false)
class RegistryConfiguration {
    /// Beside the catalog where that is a database; Glue keeps no schemas of ours, so theirs are on this disk.
    @Bean
    @ConditionalOnMissingBean
    RegistryDatabase registryDatabase(PipelineDefinition definition, CatalogProperties properties) throws SQLException {
        return switch (definition.catalog()) {
            case CatalogDefinition.Embedded _, CatalogDefinition.Glue _ ->
                RegistryDatabase.sqlite(properties.dataDirectory());
            case CatalogDefinition.Postgres postgres ->
                RegistryDatabase.postgres(
                        postgres.url(), postgres.user(), postgres.password().value());
        };
    }

    @Bean
    SchemaRegistry schemaRegistry(RegistryDatabase database) {
        return new SchemaRegistry(database);
    }

    @Bean
    RegistryPolicies registryPolicies(RegistryDatabase database) {
        return new RegistryPolicies(database);
    }
}
