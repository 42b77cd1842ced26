package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.levada.local.demo.DemoDatabases;
import io.levada.testing.EmbeddedMongoServer;
import io.levada.testing.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.bson.BsonDocument;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The lab with the tickets as files and with the tickets in a MongoDB: the same customers come out of both.
///
/// Runs in `mvn verify -Pdelivery`. The server is not MongoDB: see [EmbeddedMongoServer].
@Tag("delivery")
class LabIT {
    private static final Duration BOUND = Duration.ofSeconds(180);
    private static final Path EXAMPLES =
            Path.of("..", "examples").toAbsolutePath().normalize();
    private static final String TICKETS =
            "SELECT count(*), sum(tickets), sum(tickets_abertos) FROM curated.clientes_unificados";
    private static final String CUSTOMERS = "SELECT * FROM curated.clientes_unificados ORDER BY cliente_id LIMIT 500";

    @Test
    void givesTheSameCustomersWithFilesAndWithAMongo(@TempDir Path directory) throws Exception {
        try (DemoDatabases databases = DemoDatabases.begin(
                        directory.resolve("databases"), Files.createDirectories(directory.resolve("logs")));
                EmbeddedMongoServer mongo = EmbeddedMongoServer.start()) {
            databases.await();
            Map<String, String> environment = new HashMap<>(databases.environment());
            environment.put("SUPORTE_URL", mongo.url("suporte"));
            environment.put("SUPORTE_USER", "");
            environment.put("SUPORTE_PASSWORD", "");
            try (MongoClient client = MongoClients.create(mongo.url("suporte"))) {
                client.getDatabase("suporte")
                        .getCollection("tickets", BsonDocument.class)
                        .insertMany(Files.readAllLines(EXAMPLES.resolve("lab/inbox/suporte/tickets.jsonl")).stream()
                                .map(BsonDocument::parse)
                                .toList());
            }

            String fromFiles = customers("lab", directory, environment);
            String fromMongo = customers("lab-mongodb", directory, environment);

            assertThat(fromMongo).isEqualTo(fromFiles).hasSizeGreaterThan(20_000);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
    }

    private static String customers(String example, Path directory, Map<String, String> environment) throws Exception {
        copy(EXAMPLES.resolve(example), directory.resolve(example));
        try (PipelineProcess pipeline = PipelineProcess.run(
                        directory.resolve(example), directory.resolve("data-" + example), environment)
                .awaitReady()) {
            Eventually.within(
                    BOUND, () -> pipeline.query(TICKETS).toString(), answer -> answer.startsWith("[[500,40,"));
            return pipeline.query(CUSTOMERS).toString();
        }
    }
}
