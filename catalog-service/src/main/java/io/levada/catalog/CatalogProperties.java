package io.levada.catalog;

import io.levada.lake.storage.BucketAccess;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/// Settings of catalog-service.
///
/// @param projectDirectory holds levada.yaml; needed where the service is not given a definition that is read already
/// @param dataDirectory the catalog and registry databases lie in its folder `catalog`
/// @param lakeLocation absolute folder, or `s3://bucket/prefix`, under which tables without a location of their own lie
/// @param kafkaBootstrapServers `host:port`, several separated by commas
/// @param s3Endpoint of a bucket on a server other than AWS's own
/// @param s3Region of a bucket; without it AWS's default chain finds one
/// @param s3PathStyle whether the bucket stands in the path of requests
@Validated
@ConfigurationProperties(prefix = "levada.catalog", ignoreUnknownFields = false)
public record CatalogProperties(
        @Nullable Path projectDirectory,
        @NotNull Path dataDirectory,
        @NotBlank String lakeLocation,
        @NotBlank String kafkaBootstrapServers,
        @Nullable URI s3Endpoint,
        @Nullable String s3Region,
        @DefaultValue("false") boolean s3PathStyle) {
    /// How the lake's bucket is reached, where it is in one. The catalog tells it to whoever connects.
    public BucketAccess bucket() {
        return new BucketAccess(s3Endpoint, s3Region, s3PathStyle);
    }
}
