package io.levada.catalog;

import java.util.Map;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/// catalog-service: the one committer, the Iceberg REST catalog at `/iceberg` and the schema registry at `/registry`.
@SpringBootApplication
@EnableConfigurationProperties(CatalogProperties.class)
public class CatalogApplication {
    public static void main(String[] args) {
        SpringApplication application = new SpringApplication(CatalogApplication.class);
        application.setDefaultProperties(Map.of("spring.config.name", "catalog"));
        application.run(args);
    }

    @Bean(destroyMethod = "close")
    JdbcCatalog lakeCatalog(CatalogProperties properties) {
        return CatalogDatabase.open(properties.dataDirectory(), properties.lakeLocation(), properties.bucket());
    }
}
