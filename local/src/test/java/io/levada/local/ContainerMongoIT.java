package io.levada.local;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import io.levada.testing.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.IntStream;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/// The official MongoDB image as the source that a user brings by URL. Skipped where no container engine runs.
class ContainerMongoIT {
    private static final Duration BOUND = Eventually.PATIENCE;
    private static final int PORT = 27017;
    private static final int DOCUMENTS = 1_000;

    @Test
    void mirrorsACollectionOfTheOfficialImage(@TempDir Path directory) throws Exception {
        assumeTrue(
                DockerClientFactory.instance().isDockerAvailable(),
                "No container engine is reachable; the official MongoDB image is not tried");
        try (GenericContainer<?> server = new GenericContainer<>("mongo:8.0")
                .withCommand("--replSet", "rs0", "--bind_ip_all")
                .withExposedPorts(PORT)
                .waitingFor(Wait.forLogMessage(".*Waiting for connections.*", 1))) {
            server.start();
            server.execInContainer("mongosh", "--quiet", "--eval", "rs.initiate()");
            String url = "mongodb://" + server.getHost() + ":" + server.getMappedPort(PORT) + "/shop";
            try (MongoClient client = MongoClients.create(url)) {
                mirror(client.getDatabase("shop").getCollection("item"), url, directory);
            }
        }
    }

    private static void mirror(MongoCollection<Document> items, String url, Path directory) throws Exception {
        items.insertMany(IntStream.rangeClosed(1, DOCUMENTS)
                .mapToObj(id -> new Document("_id", id).append("n", id).append("price", id / 4.0))
                .toList());
        Path project = Files.createDirectory(directory.resolve("project"));
        Files.writeString(project.resolve("levada.yaml"), """
                flush: 1s
                sources:
                  shop: {type: mongodb, url: "%s", tables: [item]}
                """.formatted(url));
        try (PipelineProcess pipeline =
                PipelineProcess.run(project, directory.resolve("data")).awaitReady()) {
            assertMirror(pipeline, "[[1000,500500,125125.0]]");
            items.deleteMany(Filters.gt("_id", 500));
            items.updateOne(Filters.eq("_id", 1), Updates.inc("price", 1));

            assertMirror(pipeline, "[[500,125250,31313.5]]");
        }
    }

    private static void assertMirror(PipelineProcess pipeline, String expected) {
        Eventually.within(
                BOUND,
                () -> pipeline.query("SELECT count(*), sum(n), sum(price) FROM stage.shop_item")
                        .toString(),
                expected::equals);
    }
}
