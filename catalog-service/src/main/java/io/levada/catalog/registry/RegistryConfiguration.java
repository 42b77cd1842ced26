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
    @Bean
    @ConditionalOnMissingBean
    RegistryDatabase registryDatabase(PipelineDefinition definition, CatalogProperties properties) throws SQLException {
        return switch (definition.catalog()) {
            case CatalogDefinition.Postgres postgres -> RegistryDatabase.postgres(postgres);
            case CatalogDefinition.Embedded _, CatalogDefinition.Glue _ ->
                RegistryDatabase.sqlite(properties.dataDirectory());
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
