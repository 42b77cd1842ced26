package io.levada.ingest.files;

import io.levada.definition.S3Notifications;
import io.levada.definition.S3Settings;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.SqsClientBuilder;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;

/// A queue of SQS. Credentials are those that AWS's default chain finds.
///
/// Safe for use by several threads.
final class SqsQueue implements AutoCloseable {
    private static final Duration WAIT = Duration.ofSeconds(20);
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration SILENCE = WAIT.plusSeconds(10);

    /// The most that SQS gives or takes at a time.
    private static final int AT_A_TIME = 10;

    /// `sqs.REGION.amazonaws.com`, with `vpce-...` before it or FIPS in it, and the older
    /// `REGION.queue.amazonaws.com`.
    private static final Pattern HOST = Pattern.compile(
            "(?:.+\\.)?sqs(?:-fips)?\\.(?<region>[a-z0-9-]+)\\..+|(?<legacy>[a-z0-9-]+)\\.queue\\.amazonaws\\.com");

    private final URI queue;
    private final S3Settings settings;
    private final Duration hidden;
    private @Nullable SqsClient opened;

    /// @param settings of the bucket, whose region is taken where the queue's host names none
    /// @param hidden how long a message that was received is hidden from the next look
    SqsQueue(S3Notifications notifications, S3Settings settings, Duration hidden) {
        this.queue = notifications.queue();
        this.settings = settings;
        this.hidden = hidden;
    }

    /// @param receipt deletes the message, as long as it was not received again
    record Received(String id, String receipt, String body) {}

    /// Waits up to 20 seconds for messages.
    ///
    /// @throws PlaceTrouble where the queue can not be read, with its code
    List<Received> receive() throws PlaceTrouble {
        try {
            List<Received> messages = new ArrayList<>();
            for (Message message : client().receiveMessage(request -> request.queueUrl(queue.toString())
                            .maxNumberOfMessages(AT_A_TIME)
                            .waitTimeSeconds((int) WAIT.toSeconds())
                            .visibilityTimeout((int) hidden.toSeconds()))
                    .messages()) {
                messages.add(new Received(message.messageId(), message.receiptHandle(), message.body()));
            }
            return messages;
        } catch (SdkException e) {
            throw QueueTrouble.of(queue, e);
        }
    }

    /// Deletes messages. One that was received again meanwhile may stay, and comes again.
    ///
    /// @throws PlaceTrouble where the queue did not take it, with its code
    void delete(List<String> receipts) throws PlaceTrouble {
        try {
            for (int from = 0; from < receipts.size(); from += AT_A_TIME) {
                List<DeleteMessageBatchRequestEntry> entries = new ArrayList<>();
                for (String receipt : receipts.subList(from, Math.min(from + AT_A_TIME, receipts.size()))) {
                    entries.add(DeleteMessageBatchRequestEntry.builder()
                            .id(Integer.toString(entries.size()))
                            .receiptHandle(receipt)
                            .build());
                }
                client().deleteMessageBatch(
                                request -> request.queueUrl(queue.toString()).entries(entries));
            }
        } catch (SdkException e) {
            throw QueueTrouble.of(queue, e);
        }
    }

    /// Opened late, since the default chain may find no region.
    private synchronized SqsClient client() {
        SqsClient client = opened;
        if (client == null) {
            SqsClientBuilder builder = SqsClient.builder()
                    .endpointOverride(URI.create(queue.getScheme() + "://" + queue.getAuthority()))
                    .overrideConfiguration(configuration -> configuration.retryStrategy(RetryMode.STANDARD))
                    .httpClientBuilder(UrlConnectionHttpClient.builder()
                            .connectionTimeout(CONNECT)
                            .socketTimeout(SILENCE));
            region(queue, settings).ifPresent(builder::region);
            client = builder.build();
            opened = client;
        }
        return client;
    }

    /// The region that requests are signed for; empty where AWS's default chain is to find it.
    static Optional<Region> region(URI queue, S3Settings settings) {
        Matcher host = HOST.matcher(queue.getHost());
        if (host.matches()) {
            return Optional.of(Region.of(host.group("region") == null ? host.group("legacy") : host.group("region")));
        }
        if (settings.region() != null) {
            return Optional.of(Region.of(settings.region()));
        }
        return settings.endpoint() == null ? Optional.empty() : Optional.of(Region.US_EAST_1);
    }

    @Override
    public synchronized void close() {
        if (opened != null) {
            opened.close();
        }
    }
}
