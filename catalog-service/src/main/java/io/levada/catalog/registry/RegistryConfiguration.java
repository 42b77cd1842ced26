package io.levada.catalog.registry;

import io.levada.catalog.CatalogProperties;
import java.sql.SQLException;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The registry's parts.
@Configuration(proxyBeanMethods = false)
class RegistryConfiguration {
    @Bean
    @ConditionalOnMissingBean
    RegistryDatabase registryDatabase(CatalogProperties properties) throws SQLException {
        return RegistryDatabase.sqlite(properties.dataDirectory());
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
