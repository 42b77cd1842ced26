package io.levada.catalog;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/// Settings of catalog-service.
///
/// @param projectDirectory holds levada.yaml; needed where the service is not given a definition that is read already
/// @param dataDirectory the catalog and registry databases lie in its folder `catalog`
/// @param lakeLocation absolute folder under which tables without a location of their own lie
/// @param kafkaBootstrapServers `host:port`, several separated by commas
@Validated
@ConfigurationProperties(prefix = "levada.catalog", ignoreUnknownFields = false)
public record CatalogProperties(
        @Nullable Path projectDirectory,
        @NotNull Path dataDirectory,
        @NotBlank String lakeLocation,
        @NotBlank String kafkaBootstrapServers) {}
