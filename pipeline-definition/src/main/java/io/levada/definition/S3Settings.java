package io.levada.definition;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/// How a bucket is reached. Credentials are those that AWS's default chain finds.
///
/// @param endpoint of a server other than AWS's own; null for AWS
/// @param region null where AWS's default chain is to find it
/// @param pathStyle whether the bucket stands in the path of requests, not in the host's name
public record S3Settings(@Nullable URI endpoint, @Nullable String region, boolean pathStyle) {
    public static final S3Settings DEFAULT = new S3Settings(null, null, false);
}
