package io.levada.ingest.capture;

import io.levada.ingest.changes.RegistryOnLoopback;
import io.levada.ingest.changes.SchemaRegistry;
import io.levada.testing.EmbeddedKafka;
import io.levada.testing.EmbeddedPostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// A PostgreSQL, a Kafka and a schema registry for all capture tests of one JVM.
final class CaptureServers implements AutoCloseable {
    final Path directory;
    final EmbeddedPostgresServer postgres;
    final EmbeddedKafka kafka;
    final SchemaRegistry registry;
    private final RegistryOnLoopback registryServer;

    CaptureServers() {
        try {
            directory = Files.createTempDirectory("levada-capture");
            postgres = EmbeddedPostgresServer.start(directory.resolve("postgres"));
            kafka = EmbeddedKafka.start(directory.resolve("kafka"));
            registryServer = new RegistryOnLoopback();
            registry = new SchemaRegistry(registryServer.uri());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        registry.close();
        registryServer.close();
        kafka.close();
        postgres.close();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /// Gives the servers to a test class's methods; they stop with the JVM's last test.
    static final class Shared implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == CaptureServers.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot()
                    .getStore(ExtensionContext.Namespace.GLOBAL)
                    .computeIfAbsent(CaptureServers.class, _ -> new CaptureServers(), CaptureServers.class);
        }
    }
}
