package io.levada.catalog.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.levada.testing.Eventually;
import io.levada.testing.FreePorts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/// Apicurio Registry, by its API that is compatible with Confluent's; in memory. Runs with `-Papicurio`, which unpacks
/// the server into the folder that the system property `levada.test.apicurio` names.
class ApicurioRegistryIT extends RegistryContract {
    private static final Duration START = Duration.ofMinutes(3);

    @TempDir
    private static Path directory;

    private static @Nullable Process server;
    private static URI address = URI.create("http://127.0.0.1:1");

    @BeforeAll
    static void start() throws IOException {
        Path folder = Path.of(System.getProperty("levada.test.apicurio", "not unpacked"));
        assumeThat(folder.resolve("quarkus-run.jar")).as("Run with -Papicurio").exists();
        int port = FreePorts.one();
        Process started = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-Dquarkus.http.host=127.0.0.1",
                        "-Dquarkus.http.port=" + port,
                        "-Dquarkus.management.host=127.0.0.1",
                        "-Dquarkus.management.port=" + FreePorts.one(),
                        "-Dapicurio.rest.deletion.artifact.enabled=true",
                        "-Dapicurio.rest.deletion.artifact-version.enabled=true",
                        "-Dapicurio.rest.deletion.group.enabled=true",
                        "-jar",
                        folder.resolve("quarkus-run.jar").toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("apicurio.log").toFile())
                .start();
        server = started;
        address = URI.create("http://127.0.0.1:" + port + "/apis/ccompat/v7");
        try (HttpClient http = HttpClient.newHttpClient()) {
            Eventually.within(START, () -> {
                assertThat(started.isAlive())
                        .as(Files.readString(directory.resolve("apicurio.log")))
                        .isTrue();
                assertThat(http.send(
                                        HttpRequest.newBuilder(URI.create(address + "/subjects"))
                                                .build(),
                                        HttpResponse.BodyHandlers.ofString())
                                .statusCode())
                        .isEqualTo(200);
            });
        }
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (server != null) {
            server.destroy();
            server.waitFor();
        }
    }

    @Override
    URI registry() {
        return address;
    }

    @Override
    Set<Difference> differences() {
        return EnumSet.of(
                Difference.PERMANENT_DELETION,
                Difference.LEVELS,
                Difference.MODES,
                Difference.MORE_TYPES,
                Difference.CODES_OF_BAD_REQUESTS,
                Difference.DOCUMENTATION,
                Difference.NORMALIZATION,
                Difference.CHECKS_OF_ALL_VERSIONS,
                Difference.MESSAGES,
                Difference.LISTS,
                Difference.CONTEXTS);
    }
}
