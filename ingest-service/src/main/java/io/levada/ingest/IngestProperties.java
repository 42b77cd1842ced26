package io.levada.ingest;

import jakarta.validation.constraints.NotBlank;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings of ingest-service.
///
/// @param projectDirectory folder of `levada.yaml`; not read where the definition is given otherwise
/// @param dataDirectory for spools and what is put aside
/// @param catalogUri Iceberg REST catalog
/// @param registryUri catalog-service's schema registry; where the definition names another one, that one is used
/// @param lakeLocation absolute folder of the lake
/// @param instance tells instances of the service apart, and stays the same over restarts
/// @param once whether the input has an end: what is in the sources at start
@ConfigurationProperties(prefix = "levada.ingest", ignoreUnknownFields = false)
public record IngestProperties(
        @Nullable Path projectDirectory,
        Path dataDirectory,
        @NotBlank String kafkaBootstrapServers,
        URI catalogUri,
        URI registryUri,
        @NotBlank String lakeLocation,
        @DefaultValue("0") String instance,
        @DefaultValue("false") boolean once) {}
