package io.levada.catalog.registry;

import io.levada.catalog.CatalogProperties;
import java.sql.SQLException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The registry's parts.
@Configuration(proxyBeanMethods = false)
class RegistryConfiguration {
    @Bean
    RegistryDatabase registryDatabase(CatalogProperties properties) throws SQLException {
        return RegistryDatabase.open(properties.dataDirectory());
    }

    @Bean
    SchemaRegistry schemaRegistry(RegistryDatabase database) {
        return new SchemaRegistry(database);
    }
}
