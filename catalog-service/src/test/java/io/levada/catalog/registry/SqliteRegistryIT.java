package io.levada.catalog.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The built-in registry in its SQLite database.
class SqliteRegistryIT extends RegistryContract {
    private static final String SCHEMA = "{\"type\":\"record\",\"name\":\"kept\",\"fields\":[]}";

    @TempDir
    private static Path directory;

    private static RunningRegistry registry;

    @BeforeAll
    static void start() throws SQLException {
        registry = RunningRegistry.sqlite(directory);
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    @Override
    URI registry() {
        return registry.uri();
    }

    @Test
    void keepsSchemasOverARestart(@TempDir Path other) throws SQLException {
        int id;
        try (RunningRegistry first = RunningRegistry.sqlite(other);
                RegistryClient client = new RegistryClient(first.uri())) {
            id = client.register("s", SCHEMA);
            client.level("s", "FULL");
            client.mode("s", "READONLY");
        }

        try (RunningRegistry second = RunningRegistry.sqlite(other);
                RegistryClient client = new RegistryClient(second.uri())) {
            assertThat(client.register("s", SCHEMA)).isEqualTo(id);
            assertThat(client.get("/config/s").field("compatibilityLevel")).isEqualTo("FULL");
            assertThat(client.get("/mode/s").field("mode")).isEqualTo("READONLY");
            assertThat(client.register("t", SCHEMA.replace("kept", "added"))).isGreaterThan(id);
        }
    }

    @Test
    void givesOneIdWhereTwoServicesRegisterAtOnce(@TempDir Path other) throws Exception {
        TwoRegistries.giveOneId(() -> RegistryDatabase.sqlite(other));
    }
}
