package io.levada.local;

import io.levada.definition.PipelineDefinition;
import io.levada.definition.S3Settings;
import java.util.ArrayList;
import java.util.List;

/// The settings that local mode gives to each service. They are command-line arguments, so that no variable of the
/// user's environment changes one of five services by accident.
///
/// @param once whether the input ends with what is in the sources at start
record ServiceSettings(
        PipelineDefinition definition, DataDirectory data, LocalPorts ports, String bootstrapServers, boolean once) {

    String[] arguments(LevadaService service) {
        List<String> arguments = new ArrayList<>(List.of(
                "--spring.config.name=" + service.key(),
                "--spring.config.location=classpath:/",
                "--spring.jmx.enabled=false",
                "--server.address=127.0.0.1",
                "--server.port=" + ports.of(service)));
        own(service).forEach(setting -> arguments.add("--levada." + service.key() + "." + setting));
        return arguments.toArray(String[]::new);
    }

    private List<String> own(LevadaService service) {
        return switch (service) {
            case INGEST ->
                List.of(
                        "data-directory=" + data.folder(service.key()),
                        kafka(),
                        catalog(),
                        registry(),
                        lake(),
                        "once=" + once);
            case CATALOG -> catalogService();
            case TRANSFORM -> List.of(root(), kafka(), catalog(), lake(), "memory-megabytes=384");
            case WAREHOUSE -> List.of(root(), kafka(), catalog(), lake(), "memory-megabytes=256");
            case QUERY ->
                List.of(
                        root(),
                        kafka(),
                        catalog(),
                        lake(),
                        "memory-megabytes=192",
                        "ingest-url=" + ports.url(LevadaService.INGEST),
                        "catalog-url=" + ports.url(LevadaService.CATALOG),
                        "transform-url=" + ports.url(LevadaService.TRANSFORM),
                        "warehouse-url=" + ports.url(LevadaService.WAREHOUSE));
        };
    }

    private List<String> catalogService() {
        List<String> settings = new ArrayList<>(List.of(root(), kafka(), lake()));
        S3Settings s3 = definition.lake().s3();
        if (s3.endpoint() != null) {
            settings.add("s3-endpoint=" + s3.endpoint());
        }
        if (s3.region() != null) {
            settings.add("s3-region=" + s3.region());
        }
        settings.add("s3-path-style=" + s3.pathStyle());
        return settings;
    }

    /// Catalog, transform, query and warehouse make a folder of their own name below it.
    private String root() {
        return "data-directory=" + data.root();
    }

    private String kafka() {
        return "kafka-bootstrap-servers=" + bootstrapServers;
    }

    private String catalog() {
        return "catalog-uri=" + ports.url(LevadaService.CATALOG) + "/iceberg";
    }

    private String registry() {
        return "registry-uri=" + ports.url(LevadaService.CATALOG) + "/registry";
    }

    private String lake() {
        return "lake-location=" + data.lake(definition.lake());
    }
}
