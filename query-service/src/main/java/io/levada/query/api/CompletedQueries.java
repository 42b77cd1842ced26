package io.levada.query.api;

import io.levada.events.CloudEventHeaders;
import io.levada.events.QueryCompleted;
import io.levada.sql.QueryRequest;
import io.levada.sql.QueryStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.integration.support.MessageBuilder;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.messaging.Message;
import org.springframework.util.backoff.BackOff;
import org.springframework.util.backoff.BackOffExecution;
import org.springframework.util.backoff.ExponentialBackOff;
import tools.jackson.databind.json.JsonMapper;

/// Publishes `QueryCompleted`, on a thread of its own: no query waits for Kafka.
///
/// A bounded number of events waits; beyond it, and at a stop that Kafka does not answer, the newest are dropped and
/// counted. One that Kafka did not answer for is sent again, so consumers may see it twice, with the same id.
final class CompletedQueries implements SmartLifecycle {
    static final int WAITING = 1_000;

    private static final Logger log = LoggerFactory.getLogger(CompletedQueries.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final BackOff BACKOFF = new ExponentialBackOff(250, 2);
    private static final Duration LAST_CHANCE = Duration.ofSeconds(1);

    private record Ended(QueryCompleted event, Instant at) {}

    private final Consumer<Message<byte[]>> kafka;
    private final QueryMetrics metrics;
    private final BlockingQueue<Ended> waiting = new ArrayBlockingQueue<>(WAITING);
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread =
            Thread.ofPlatform().name("levada-query-completed").daemon().unstarted(this::run);
    private volatile boolean running;
    private volatile boolean over;

    /// @param kafka sends a message, and returns once Kafka has it
    CompletedQueries(Consumer<Message<byte[]>> kafka, QueryMetrics metrics) {
        this.kafka = kafka;
        this.metrics = metrics;
    }

    /// Takes an event in; never waits.
    void ended(QueryRequest request, QueryStatus status) {
        QueryCompleted event = new QueryCompleted(
                request.name(),
                status.id(),
                status.state().name(),
                snapshots(status),
                status.rows().size(),
                status.scannedBytes(),
                status.elapsedMillis(),
                List.of());
        if (!waiting.offer(new Ended(event, Instant.now()))) {
            metrics.eventDropped();
        }
    }

    private static Map<String, Long> snapshots(QueryStatus status) {
        return status.snapshots().entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, snapshot -> Long.valueOf(snapshot.getValue())));
    }

    private void run() {
        try {
            while (!over && (closing.getCount() > 0 || !waiting.isEmpty())) {
                Ended next = waiting.poll(200, TimeUnit.MILLISECONDS);
                if (next != null && !sent(next)) {
                    metrics.eventDropped();
                }
            }
        } catch (InterruptedException _) {
            // The last chance is over.
        }
    }

    /// Tries until Kafka has it; once the service stops, a last time.
    private boolean sent(Ended ended) throws InterruptedException {
        BackOffExecution backoff = BACKOFF.start();
        for (int attempt = 1; true; attempt++) {
            try {
                kafka.accept(message(ended));
                return true;
            } catch (RuntimeException e) {
                if (closing.getCount() == 0) {
                    return false;
                }
                if (attempt == 1) {
                    log.atWarn().setCause(e).log("QueryCompleted can not be published; it is tried again");
                }
            }
            closing.await(backoff.nextBackOff(), TimeUnit.MILLISECONDS);
        }
    }

    private static Message<byte[]> message(Ended ended) {
        QueryCompleted event = ended.event();
        String subject = event.query() == null ? event.runId() : event.query();
        MessageBuilder<byte[]> message =
                MessageBuilder.withPayload(JSON.writeValueAsBytes(event)).setHeader(KafkaHeaders.KEY, bytes(subject));
        CloudEventHeaders.of("query", event, event.runId(), subject, ended.at())
                .forEach((name, value) -> message.setHeader(name, bytes(value)));
        return message.build();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void start() {
        running = true;
        thread.start();
    }

    @Override
    public void stop() {
        running = false;
        closing.countDown();
        try {
            if (!thread.join(LAST_CHANCE)) {
                // The binder may go on waiting for Kafka; the thread keeps no process alive.
                over = true;
                thread.interrupt();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        waiting.forEach(_ -> metrics.eventDropped());
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
