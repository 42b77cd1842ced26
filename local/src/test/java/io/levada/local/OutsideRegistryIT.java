package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.catalog.CatalogApplication;
import io.levada.definition.PipelineDefinition;
import io.levada.testing.EmbeddedPostgresServer;
import io.levada.testing.Eventually;
import io.levada.testing.FreePorts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import tools.jackson.databind.json.JsonMapper;

/// A pipeline whose schemas are kept by a registry outside: the one of another catalog-service, in another process and
/// on another port.
class OutsideRegistryIT {
    private static final Duration BOUND = Eventually.PATIENCE;

    @Test
    void keepsItsSchemasThereAndWaitsWhileItIsAway(@TempDir Path directory) throws Exception {
        int port = FreePorts.one();
        try (EmbeddedPostgresServer postgres = EmbeddedPostgresServer.start(directory.resolve("postgres"))) {
            postgres.createDatabase("shop");
            postgres.execute("shop", "CREATE TABLE item (id int PRIMARY KEY, name text)");
            Path project = project(directory, postgres, port);
            Path outside = Files.createDirectories(directory.resolve("outside"));
            ConfigurableApplicationContext registry = registry(outside, project, port);
            try (PipelineProcess pipeline =
                    PipelineProcess.run(project, directory.resolve("data")).awaitReady()) {
                postgres.execute("shop", "INSERT INTO item VALUES (1, 'a')");
                awaitRows(pipeline, "[[1]]");
                assertThat(subjects(pipeline, "http://127.0.0.1:" + port + "/registry"))
                        .isEqualTo("[\"levada.changes.shop.item-value\"]");
                assertThat(subjects(pipeline, pipeline.ports().url(LevadaService.CATALOG) + "/registry"))
                        .isEqualTo("[]");

                registry.close();
                postgres.execute(
                        "shop", "ALTER TABLE item ADD COLUMN price int", "INSERT INTO item VALUES (2, 'b', 7)");
                Eventually.within(
                        BOUND,
                        () -> pipeline.get(LevadaService.INGEST, "/v1/status").body(),
                        status -> status.contains("CAPTURE-REGISTRY-AWAY"));

                registry = registry(outside, project, port);
                awaitRows(pipeline, "[[2]]");
                assertThat(pipeline.query("SELECT _op, price FROM raw.shop_item WHERE id = 2")
                                .toString())
                        .isEqualTo("[[\"c\",7]]");
            } finally {
                registry.close();
            }
        }
    }

    private static void awaitRows(PipelineProcess pipeline, String count) {
        Eventually.within(
                BOUND,
                () -> pipeline.query("SELECT count(DISTINCT id) FROM raw.shop_item")
                        .toString(),
                count::equals);
    }

    private static String subjects(PipelineProcess pipeline, String registry) throws Exception {
        return JsonMapper.shared()
                .readTree(pipeline.get(registry + "/subjects"))
                .toString();
    }

    private static ConfigurableApplicationContext registry(Path directory, Path project, int port) {
        PipelineDefinition definition = new ProjectReader(System::getenv).read(project);
        ApplicationContextInitializer<GenericApplicationContext> bean =
                context -> context.registerBean(PipelineDefinition.class, () -> definition);
        return new SpringApplicationBuilder(CatalogApplication.class)
                .initializers(bean)
                .run(
                        "--spring.config.name=catalog",
                        "--server.port=" + port,
                        "--levada.catalog.data-directory=" + directory,
                        "--levada.catalog.lake-location=" + directory.resolve("lake"),
                        "--levada.catalog.kafka-bootstrap-servers=127.0.0.1:1");
    }

    private static Path project(Path directory, EmbeddedPostgresServer postgres, int port) throws Exception {
        Path project = Files.createDirectories(directory.resolve("project"));
        Files.writeString(project.resolve("levada.yaml"), """
                project: outside
                flush: 300ms
                registry: {url: "http://127.0.0.1:%d/registry", user: levada, password: unused}
                sources:
                  shop:
                    type: postgres
                    url: %s
                    user: %s
                    password: %s
                    tables: [item]
                """.formatted(
                        port, postgres.url("shop"), postgres.user(), postgres.password()));
        return project;
    }
}
