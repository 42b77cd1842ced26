package io.levada.warehouse;

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

/// Settings of warehouse-service.
///
/// @param projectDirectory folder with levada.yaml; not needed where a definition is given as a bean
/// @param dataDirectory the warehouse lies in its folder `warehouse`
/// @param kafkaBootstrapServers `host:port`, several separated by commas
/// @param catalogUri the Iceberg REST catalog
/// @param lakeLocation absolute folder, or `s3://bucket/prefix`; nothing outside of it is read
/// @param cacheBytes bound of the local copies, in the folder `warehouse/cache`, of a bucket's files
/// @param memoryMegabytes of the warehouse's one DuckDB instance, loads and queries together
/// @param threads of that instance
/// @param concurrentQueries that run at the same time
/// @param sweepInterval how often loads are compared with the lake without a hint
@Validated
@ConfigurationProperties(prefix = "levada.warehouse", ignoreUnknownFields = false)
public record WarehouseProperties(
        @Nullable Path projectDirectory,
        @NotNull Path dataDirectory,
        @NotBlank String kafkaBootstrapServers,
        @NotNull URI catalogUri,
        @NotBlank String lakeLocation,
        @Min(1) @DefaultValue("10737418240") long cacheBytes,
        @Min(64) @DefaultValue("512") int memoryMegabytes,
        @Min(1) @DefaultValue("2") int threads,
        @Min(1) @DefaultValue("4") int concurrentQueries,
        @DefaultValue("10s") Duration sweepInterval) {}
