package io.levada.local;

import io.levada.broker.EmbeddedBroker;
import io.levada.definition.PipelineDefinition;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;

/// One part of a pipeline whose broker, ingest-service and other services run in a process each, as they do where they
/// are deployed apart.
///
/// Arguments: part, data directory, port of Kafka; for services also project, first port, port of the first service of
/// this part, file of marks.
final class PipelinePart {
    enum Part {
        BROKER,
        INGEST,
        SERVICES
    }

    private static final List<LevadaService> SERVICES =
            List.of(LevadaService.CATALOG, LevadaService.TRANSFORM, LevadaService.WAREHOUSE, LevadaService.QUERY);

    private PipelinePart() {}

    public static void main(String[] arguments) throws Exception {
        Part part = Part.valueOf(arguments[0]);
        DataDirectory data = DataDirectory.open(Path.of(arguments[1]));
        Logs.writeTo(data.logs());
        int kafkaPort = Integer.parseInt(arguments[2]);
        switch (part) {
            case BROKER -> broker(data, kafkaPort);
            case INGEST -> services(data, kafkaPort, arguments, List.of(LevadaService.INGEST));
            case SERVICES -> services(data, kafkaPort, arguments, SERVICES);
        }
        Thread.sleep(Long.MAX_VALUE);
    }

    private static void broker(DataDirectory data, int port) {
        EmbeddedBroker broker = EmbeddedBroker.start(
                data.folder("kafka"), port, LocalPorts.unused(1).getFirst());
        Runtime.getRuntime().addShutdownHook(new Thread(broker::close));
    }

    private static void services(DataDirectory data, int kafkaPort, String[] arguments, List<LevadaService> services)
            throws Exception {
        PipelineDefinition definition = new ProjectReader(System::getenv).read(Path.of(arguments[3]));
        LocalPorts ports = new LocalPorts(Integer.parseInt(arguments[4]));
        ServiceSettings settings = new ServiceSettings(definition, data, ports, "127.0.0.1:" + kafkaPort, false);
        PhaseMarks marks = new PhaseMarks(Path.of(arguments[6]));
        ApplicationContextInitializer<GenericApplicationContext> read =
                context -> context.registerBean(PipelineDefinition.class, () -> definition);
        for (LevadaService service : services) {
            String port = "--server.port=" + ports.of(service);
            new SpringApplicationBuilder(service.application())
                    .main(service.application())
                    .registerShutdownHook(false)
                    .initializers(read, SteeredPipeline.marking(marks))
                    .run(Arrays.stream(settings.arguments(service))
                            .map(argument -> argument.equals(port) && service == LevadaService.INGEST
                                    ? "--server.port=" + arguments[5]
                                    : argument)
                            .toArray(String[]::new));
        }
    }
}
