package io.levada.catalog.glue;

import java.io.Serial;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.aws.AwsClientFactory;
import org.apache.iceberg.aws.AwsProperties;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.glue.GlueClient;
import software.amazon.awssdk.services.glue.GlueClientBuilder;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Client;

/// Gives Iceberg's catalog its client of Glue, and no other: a lock table in DynamoDB is never asked for.
///
/// A request is tried at most [#ATTEMPTS] times, after waits with full jitter that double up to a bound, longer ones
/// where Glue throttles. Made by Iceberg, by name.
final class GlueClients implements AwsClientFactory {
    @Serial
    private static final long serialVersionUID = 1;

    /// Not Iceberg's own property for all clients: the lake's bucket may be in another region.
    static final String REGION = "levada.glue.region";

    static final int ATTEMPTS = 8;
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(15);
    private static final Duration FIRST_WAIT = Duration.ofMillis(100);
    private static final Duration LAST_WAIT = Duration.ofSeconds(5);
    private static final Duration FIRST_THROTTLED_WAIT = Duration.ofMillis(500);
    private static final Duration LAST_THROTTLED_WAIT = Duration.ofSeconds(10);

    private final HashMap<String, String> properties = new HashMap<>();

    @Override
    public void initialize(Map<String, String> catalogProperties) {
        properties.putAll(catalogProperties);
    }

    @Override
    public GlueClient glue() {
        return client(properties.get(REGION), properties.get(AwsProperties.GLUE_CATALOG_ENDPOINT));
    }

    /// @param region null: the default chain's
    /// @param endpoint null: AWS's own
    private static GlueClient client(@Nullable String region, @Nullable String endpoint) {
        GlueClientBuilder builder = GlueClient.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECT)
                        .socketTimeout(ANSWER))
                .overrideConfiguration(configuration -> configuration
                        .retryStrategy(retries())
                        .addExecutionInterceptor(new UnansweredAttempts())
                        .addExecutionInterceptor(new TableDescriptions()));
        if (region != null) {
            builder.region(Region.of(region));
        }
        if (endpoint != null) {
            builder.endpointOverride(URI.create(endpoint));
        }
        return new UnknownOutcomes(builder.build());
    }

    private static StandardRetryStrategy retries() {
        return AwsRetryStrategy.standardRetryStrategy().toBuilder()
                .maxAttempts(ATTEMPTS)
                .backoffStrategy(BackoffStrategy.exponentialDelay(FIRST_WAIT, LAST_WAIT))
                .throttlingBackoffStrategy(BackoffStrategy.exponentialDelay(FIRST_THROTTLED_WAIT, LAST_THROTTLED_WAIT))
                .build();
    }

    @Override
    public S3Client s3() {
        throw none("S3");
    }

    @Override
    public S3AsyncClient s3Async() {
        throw none("S3");
    }

    @Override
    public KmsClient kms() {
        throw none("KMS");
    }

    @Override
    public DynamoDbClient dynamo() {
        throw none("DynamoDB");
    }

    private static UnsupportedOperationException none(String service) {
        return new UnsupportedOperationException("The catalog in Glue has no client of " + service);
    }
}
