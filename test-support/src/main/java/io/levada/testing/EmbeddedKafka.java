package io.levada.testing;

import io.levada.broker.EmbeddedBroker;
import java.nio.file.Path;
import java.util.List;

/// The broker of local mode, for a test. Starting it again on the same directory goes on with the same cluster id and
/// the same topics.
public final class EmbeddedKafka implements AutoCloseable {
    private final EmbeddedBroker broker;

    private EmbeddedKafka(EmbeddedBroker broker) {
        this.broker = broker;
    }

    /// Starts the broker on free ports.
    public static EmbeddedKafka start(Path directory) {
        List<Integer> ports = FreePorts.of(2);
        return start(directory, ports.get(0), ports.get(1));
    }

    /// Starts the broker on chosen ports, so that clients of an earlier start find it again.
    public static EmbeddedKafka start(Path directory, int port, int controllerPort) {
        return new EmbeddedKafka(EmbeddedBroker.start(directory, port, controllerPort));
    }

    public String bootstrapServers() {
        return broker.bootstrapServers();
    }

    @Override
    public void close() {
        broker.close();
    }
}
