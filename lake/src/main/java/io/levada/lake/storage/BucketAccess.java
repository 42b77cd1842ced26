package io.levada.lake.storage;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.aws.AwsClientProperties;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.jspecify.annotations.Nullable;

/// How the lake's bucket is reached. Credentials are those that AWS's default chain finds.
///
/// @param endpoint of a server other than AWS's own; null for AWS
/// @param region null where AWS's default chain is to find it
/// @param pathStyle whether the bucket stands in the path of requests, not in the host's name
public record BucketAccess(@Nullable URI endpoint, @Nullable String region, boolean pathStyle) {
    public static final BucketAccess DEFAULT = new BucketAccess(null, null, false);

    /// The same in the properties that Iceberg and every engine with an Iceberg catalog know.
    public Map<String, String> asProperties() {
        Map<String, String> properties = new HashMap<>();
        if (endpoint != null) {
            properties.put(S3FileIOProperties.ENDPOINT, endpoint.toString());
        }
        if (region != null) {
            properties.put(AwsClientProperties.CLIENT_REGION, region);
        }
        if (pathStyle) {
            properties.put(S3FileIOProperties.PATH_STYLE_ACCESS, "true");
        }
        return properties;
    }

    static BucketAccess of(Map<String, String> properties) {
        String endpoint = properties.get(S3FileIOProperties.ENDPOINT);
        return new BucketAccess(
                endpoint == null ? null : URI.create(endpoint),
                properties.get(AwsClientProperties.CLIENT_REGION),
                Boolean.parseBoolean(properties.get(S3FileIOProperties.PATH_STYLE_ACCESS)));
    }
}
