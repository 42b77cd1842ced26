package io.levada.catalog.registry;

import io.levada.catalog.CatalogProperties;
import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.context.support.GenericApplicationContext;

/// The registry of catalog-service alone, on a free port.
final class RunningRegistry implements AutoCloseable {
    private final ConfigurableApplicationContext context;

    private RunningRegistry(ConfigurableApplicationContext context) {
        this.context = context;
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    @EnableConfigurationProperties(CatalogProperties.class)
    @Import({
        RegistryConfiguration.class,
        SubjectsController.class,
        SchemasController.class,
        ConfigController.class,
        CompatibilityController.class,
        RegistryController.class,
        RegistryAdvice.class
    })
    static class RegistryAlone {}

    static RunningRegistry sqlite(Path directory) throws SQLException {
        return on(RegistryDatabase.sqlite(directory));
    }

    /// @param database closed with the registry
    static RunningRegistry on(RegistryDatabase database) {
        return start(target -> target.registerBean(RegistryDatabase.class, () -> database));
    }

    private static RunningRegistry start(ApplicationContextInitializer<GenericApplicationContext> initializer) {
        return new RunningRegistry(new SpringApplicationBuilder(RegistryAlone.class)
                .initializers(initializer)
                .run(
                        "--spring.config.name=registry-alone",
                        "--server.port=0",
                        "--server.address=127.0.0.1",
                        "--spring.cloud.function.autodetect=false",
                        "--levada.catalog.data-directory=unused",
                        "--levada.catalog.lake-location=unused",
                        "--levada.catalog.kafka-bootstrap-servers=none:1"));
    }

    URI uri() {
        return URI.create(
                "http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port") + "/registry");
    }

    @Override
    public void close() {
        context.close();
    }
}
