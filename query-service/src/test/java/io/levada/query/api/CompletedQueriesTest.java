package io.levada.query.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.events.QueryCompleted;
import io.levada.sql.QueryRequest;
import io.levada.sql.QueryState;
import io.levada.sql.QueryStatus;
import io.levada.testing.Eventually;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

final class CompletedQueriesTest {
    private static final Duration BOUND = Eventually.PATIENCE;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final QueryMetrics metrics = new QueryMetrics(meters);
    private final List<QueryCompleted> sent = new CopyOnWriteArrayList<>();

    private static QueryStatus status(int id) {
        return new QueryStatus(
                "q" + id,
                QueryState.SUCCEEDED,
                List.of(),
                List.of(List.of(1L), List.of(2L)),
                false,
                10,
                20,
                Map.of("raw.t", "7"),
                Map.of(),
                null);
    }

    private static QueryRequest request() {
        return new QueryRequest("SELECT 1", Map.of(), 10, "by_product");
    }

    private double dropped() {
        return meters.counter("levada.query.events.dropped").count();
    }

    private static QueryCompleted event(byte[] body) {
        return JsonMapper.shared().readValue(body, QueryCompleted.class);
    }

    @Test
    void publishesWhatAQueryCameTo() {
        CompletedQueries completed = new CompletedQueries(message -> sent.add(event(message.getPayload())), metrics);
        completed.start();

        completed.ended(request(), status(1));

        Eventually.within(BOUND, () -> assertThat(sent).hasSize(1));
        completed.stop();
        assertThat(sent)
                .containsExactly(
                        new QueryCompleted("by_product", "q1", "SUCCEEDED", Map.of("raw.t", 7L), 2, 10, 20, List.of()));
        assertThat(dropped()).isZero();
    }

    @Test
    void triesAgainUntilKafkaTakesAnEvent() {
        CountDownLatch failures = new CountDownLatch(2);
        CompletedQueries completed = new CompletedQueries(
                message -> {
                    if (failures.getCount() > 0) {
                        failures.countDown();
                        throw new IllegalStateException("Kafka is away");
                    }
                    sent.add(event(message.getPayload()));
                },
                metrics);
        completed.start();

        completed.ended(request(), status(1));
        completed.ended(request(), status(2));

        Eventually.within(BOUND, () -> assertThat(sent).hasSize(2));
        completed.stop();
        assertThat(sent).extracting(QueryCompleted::runId).containsExactly("q1", "q2");
    }

    @Test
    void dropsAndCountsWhatAnAbsentKafkaLeavesOver() {
        CompletedQueries completed = new CompletedQueries(
                _ -> {
                    throw new IllegalStateException("Kafka is away");
                },
                metrics);
        for (int i = 0; i < CompletedQueries.WAITING + 5; i++) {
            completed.ended(request(), status(i));
        }
        assertThat(dropped()).isEqualTo(5);
        completed.start();

        completed.stop();

        assertThat(dropped()).isEqualTo(CompletedQueries.WAITING + 5);
    }
}
