package io.levada.transform;

import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/// Settings of transform-service.
///
/// @param projectDirectory the folder with `levada.yaml`
/// @param dataDirectory the engine spills below it
/// @param catalogUri catalog-service's Iceberg REST catalog, such as `http://127.0.0.1:8082/iceberg`
/// @param lakeLocation absolute folder, or `s3://bucket/prefix`
/// @param cacheBytes bound of the local copies, in the folder `transform/cache`, of a bucket's files
/// @param memoryMegabytes the engine's limit, beyond which it spills
/// @param threads of the engine
@Validated
@ConfigurationProperties(prefix = "levada.transform", ignoreUnknownFields = false)
public record TransformProperties(
        @Nullable Path projectDirectory,
        @NotNull Path dataDirectory,
        @NotBlank String kafkaBootstrapServers,
        @NotNull URI catalogUri,
        @NotBlank String lakeLocation,
        @DefaultValue("10737418240") @Min(1) long cacheBytes,
        @DefaultValue("512") @Min(64) int memoryMegabytes,
        @DefaultValue("2") @Min(1) int threads) {}
