package io.levada.catalog.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.EmbeddedPostgresServer;
import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The built-in registry in a PostgreSQL database.
class PostgresRegistryIT extends RegistryContract {
    private static final String SCHEMA = "{\"type\":\"record\",\"name\":\"kept\",\"fields\":[]}";

    @TempDir
    private static Path directory;

    private static EmbeddedPostgresServer server;
    private static RunningRegistry registry;

    @BeforeAll
    static void start() throws SQLException {
        server = EmbeddedPostgresServer.start(directory);
        registry = RunningRegistry.on(database("postgres"));
    }

    @AfterAll
    static void stop() {
        registry.close();
        server.close();
    }

    private static RegistryDatabase database(String name) throws SQLException {
        return RegistryDatabase.postgres(server.url(name), server.user(), server.password());
    }

    @Override
    URI registry() {
        return registry.uri();
    }

    @Test
    void givesOneIdWhereTwoServicesRegisterAtOnce() throws Exception {
        server.createDatabase("two");

        TwoRegistries.giveOneId(() -> database("two"));
    }

    /// An index of PostgreSQL takes no value above 2,704 bytes.
    @Test
    void takesLongSchemas() {
        String schema = "{\"type\":\"record\",\"name\":\"documented\",\"doc\":\"" + "documentation ".repeat(20_000)
                + "\",\"fields\":[]}";
        try (RegistryClient client = new RegistryClient(registry())) {
            int id = client.register("long", schema);

            assertThat(client.get("/schemas/ids/" + id).field("schema")).isEqualTo(schema);
            assertThat(client.register("long", schema)).isEqualTo(id);
        }
    }

    @Test
    void goesOnAfterTheServerWasStartedAgain() {
        try (RegistryClient client = new RegistryClient(registry())) {
            int id = client.register("restart", SCHEMA);
            server.stop();
            assertThat(client.get("/subjects/restart/versions").status()).isEqualTo(500);
            assertThat(client.get("/subjects/restart/versions")
                            .body()
                            .path("error_code")
                            .asInt())
                    .isEqualTo(50001);

            server.restart();

            assertThat(client.register("restart", SCHEMA)).isEqualTo(id);
        }
    }
}
