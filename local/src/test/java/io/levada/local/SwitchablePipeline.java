package io.levada.local;

import io.levada.broker.EmbeddedBroker;
import io.levada.definition.PipelineDefinition;
import io.levada.testing.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// The whole pipeline, whose broker alone is stopped while a file is there, and started again once it is gone.
///
/// Arguments: project, data directory, port, the file. While the broker is stopped, there is a file of the same name
/// with `.off` at its end.
final class SwitchablePipeline {
    private static final Duration FOR_EVER = Duration.ofHours(1);

    private SwitchablePipeline() {}

    public static void main(String[] arguments) throws Exception {
        PipelineDefinition definition = new ProjectReader(System::getenv).read(Path.of(arguments[0]));
        DataDirectory data = DataDirectory.open(Path.of(arguments[1]));
        Logs.writeTo(data.logs());
        Path off = Path.of(arguments[3]);
        Path isOff = Path.of(arguments[3] + ".off");
        List<Integer> ports = LocalPorts.unused(2);
        EmbeddedBroker broker = EmbeddedBroker.start(data.folder("kafka"), ports.get(0), ports.get(1));
        new ServiceContexts(
                        definition,
                        new ServiceSettings(
                                definition,
                                data,
                                new LocalPorts(Integer.parseInt(arguments[2])),
                                broker.bootstrapServers(),
                                false),
                        List.of())
                .start();
        while (true) {
            Eventually.within(FOR_EVER, () -> Files.exists(off), there -> there);
            broker.close();
            Files.createFile(isOff);
            Eventually.within(FOR_EVER, () -> Files.exists(off), there -> !there);
            broker = EmbeddedBroker.start(data.folder("kafka"), ports.get(0), ports.get(1));
            Files.delete(isOff);
        }
    }
}
