package io.levada.lake.storage;

import java.time.Duration;
import java.util.Map;
import org.apache.iceberg.aws.HttpClientProperties;
import org.apache.iceberg.aws.s3.S3FileIOAwsClientFactory;
import org.apache.iceberg.util.PropertyUtil;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/// Makes the client of Iceberg's S3FileIO, which names this class in its properties.
///
/// A request that fails for a passing reason (500, 502, 503, 504, throttling, no connection, no answer) is repeated
/// by the SDK, [#ATTEMPTS] times in all, after pauses that grow and differ at random.
public final class BucketClients implements S3FileIOAwsClientFactory {
    /// Of one request, the first one among them.
    static final int ATTEMPTS = 6;

    private static final long serialVersionUID = 1L;
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration SILENCE = Duration.ofSeconds(30);

    /// A part of an upload takes this long where 270 KB/s arrive.
    private static final Duration ATTEMPT = Duration.ofSeconds(60);

    private Map<String, String> properties = Map.of();

    /// For S3FileIO, which makes it by reflection.
    public BucketClients() {}

    @Override
    public void initialize(Map<String, String> given) {
        properties = Map.copyOf(given);
    }

    @Override
    public S3Client s3() {
        BucketAccess access = BucketAccess.of(properties);
        S3ClientBuilder builder = S3Client.builder()
                .forcePathStyle(access.pathStyle())
                .overrideConfiguration(configuration ->
                        configuration.apiCallAttemptTimeout(ATTEMPT).retryStrategy(retries()))
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(duration(HttpClientProperties.URLCONNECTION_CONNECTION_TIMEOUT_MS, CONNECT))
                        .socketTimeout(duration(HttpClientProperties.URLCONNECTION_SOCKET_TIMEOUT_MS, SILENCE)));
        if (access.endpoint() != null) {
            builder.endpointOverride(access.endpoint()).region(Region.US_EAST_1);
        }
        if (access.region() != null) {
            builder.region(Region.of(access.region()));
        } else if (access.endpoint() == null) {
            builder.crossRegionAccessEnabled(true);
        }
        return builder.build();
    }

    private Duration duration(String property, Duration otherwise) {
        return Duration.ofMillis(PropertyUtil.propertyAsLong(properties, property, otherwise.toMillis()));
    }

    private static StandardRetryStrategy retries() {
        return AwsRetryStrategy.standardRetryStrategy().toBuilder()
                .maxAttempts(ATTEMPTS)
                .backoffStrategy(BackoffStrategy.exponentialDelay(Duration.ofMillis(100), Duration.ofSeconds(5)))
                .throttlingBackoffStrategy(
                        BackoffStrategy.exponentialDelay(Duration.ofMillis(500), Duration.ofSeconds(10)))
                .build();
    }

    /// @throws UnsupportedOperationException always: only Iceberg's analytics accelerator asks for it, which is
    ///     off
    @Override
    public S3AsyncClient s3Async() {
        throw new UnsupportedOperationException("The lake is read and written without asynchronous requests");
    }
}
