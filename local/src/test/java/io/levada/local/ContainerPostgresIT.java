package io.levada.local;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.levada.testing.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/// The official PostgreSQL image as the source that a user brings by URL. Skipped where no container engine runs.
class ContainerPostgresIT {
    private static final Duration BOUND = Eventually.PATIENCE;
    private static final String SECRET = "secret";
    private static final int PORT = 5432;

    @Test
    void mirrorsATableOfTheOfficialImage(@TempDir Path directory) throws Exception {
        assumeTrue(
                DockerClientFactory.instance().isDockerAvailable(),
                "No container engine is reachable; the official PostgreSQL image is not tried");
        try (GenericContainer<?> postgres = new GenericContainer<>("postgres:18")
                .withEnv("POSTGRES_PASSWORD", SECRET)
                .withCommand("postgres", "-c", "wal_level=logical")
                .withExposedPorts(PORT)
                .waitingFor(Wait.forLogMessage(".*database system is ready to accept connections.*", 2))) {
            postgres.start();
            String url = "jdbc:postgresql://" + postgres.getHost() + ":" + postgres.getMappedPort(PORT) + "/postgres";
            execute(
                    url,
                    "CREATE TABLE item (id int PRIMARY KEY, name text, price numeric(8,2))",
                    "INSERT INTO item SELECT g, 'item ' || g, g / 4.0 FROM generate_series(1, 1000) g");
            Path project = Files.createDirectory(directory.resolve("project"));
            Files.writeString(project.resolve("levada.yaml"), """
                    flush: 1s
                    sources:
                      shop:
                        type: postgres
                        url: %s
                        user: postgres
                        password: %s
                        tables: [item]
                    """.formatted(url, SECRET));

            try (PipelineProcess pipeline =
                    PipelineProcess.run(project, directory.resolve("data")).awaitReady()) {
                assertMirror(pipeline, "[[1000,500500,125125.00]]");
                execute(url, "DELETE FROM item WHERE id > 500", "UPDATE item SET price = price + 1 WHERE id = 1");

                assertMirror(pipeline, "[[500,125250,31313.50]]");
            }
        }
    }

    private static void assertMirror(PipelineProcess pipeline, String expected) {
        Eventually.within(
                BOUND,
                () -> pipeline.query("SELECT count(*), sum(id), sum(price) FROM stage.shop_item")
                        .toString(),
                expected::equals);
    }

    private static void execute(String url, String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url, "postgres", SECRET);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
