package io.levada.query;

import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/// Settings of query-service.
///
/// @param projectDirectory folder with levada.yaml; not needed where a definition is given as a bean
/// @param dataDirectory queries that need more than their memory spill to its folder `query`
/// @param catalogUri the Iceberg REST catalog
/// @param lakeLocation absolute folder, or `s3://bucket/prefix`; queries can read no file outside of it
/// @param cacheBytes bound of the local copies, in the folder `query/cache`, of a bucket's files
/// @param kafkaBootstrapServers `host:port`, several separated by commas; takes `QueryCompleted`, and queries do not
///     wait for it
/// @param ingestUrl where `/v1/status` of ingest-service is, without that path; likewise the others
/// @param memoryMegabytes of one running query
/// @param threads of one running query
/// @param concurrentQueries that run at the same time
/// @param namedQueryTimeout after which `/api/{name}` gives up
@Validated
@ConfigurationProperties(prefix = "levada.query", ignoreUnknownFields = false)
public record QueryProperties(
        @Nullable Path projectDirectory,
        @NotNull Path dataDirectory,
        @NotNull URI catalogUri,
        @NotBlank String lakeLocation,
        @NotBlank String kafkaBootstrapServers,
        @NotNull URI ingestUrl,
        @NotNull URI catalogUrl,
        @NotNull URI transformUrl,
        @NotNull URI warehouseUrl,
        @Min(1) @DefaultValue("10737418240") long cacheBytes,
        @Min(64) @DefaultValue("256") int memoryMegabytes,
        @Min(1) @DefaultValue("2") int threads,
        @Min(1) @DefaultValue("4") int concurrentQueries,
        @DefaultValue("60s") Duration namedQueryTimeout) {}
