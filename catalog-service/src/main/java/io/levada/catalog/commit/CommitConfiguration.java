package io.levada.catalog.commit;

import io.levada.catalog.BegunLoads;
import io.levada.catalog.CatalogProperties;
import io.levada.catalog.CommitSteps;
import io.levada.catalog.SettledEvents;
import io.levada.catalog.UnsettledEvents;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.apache.iceberg.catalog.Catalog;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.cloud.stream.function.StreamBridge;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The committer's parts.
///
/// None of them needs Kafka to be made: the topics are made once all is up, and each loop makes sure of them before its
/// first use of Kafka, so before a binding asks for them, and tries until Kafka is there. Until then the service is
/// live, serves catalog and registry, and is not ready.
@Configuration(proxyBeanMethods = false)
class CommitConfiguration {
    private static final Duration FIRST_RETRY = Duration.ofMillis(250);
    private static final Duration LAST_RETRY = Duration.ofSeconds(30);

    @Bean
    @ConditionalOnMissingBean
    CommitSteps commitSteps() {
        return (_, _) -> {};
    }

    @Bean
    CatalogMetrics catalogMetrics(MeterRegistry registry) {
        return new CatalogMetrics(registry);
    }

    @Bean
    ControlTopics controlTopics(CatalogProperties properties) {
        return new ControlTopics(properties.kafkaBootstrapServers());
    }

    @Bean
    EventPublisher eventPublisher(StreamBridge bridge) {
        return new StreamPublisher(bridge);
    }

    @Bean(destroyMethod = "")
    SweepLoop sweepLoop(
            Catalog catalog,
            EventPublisher publisher,
            CommitSteps steps,
            CatalogMetrics metrics,
            ControlTopics topics) {
        return new SweepLoop(catalog, () -> {
            topics.create();
            return new SnapshotSweep(catalog, publisher, steps, metrics, topics.announced());
        });
    }

    @Bean
    PublishedPositions publishedPositions() {
        return new PublishedPositions();
    }

    @Bean(destroyMethod = "")
    PositionsFollower positionsFollower(CatalogProperties properties, PublishedPositions positions) {
        return new PositionsFollower(properties.kafkaBootstrapServers(), positions);
    }

    @Bean
    BegunLoads begunLoads(PublishedPositions positions, UnsettledEvents events) {
        return new PublishedLoads(positions, events);
    }

    @Bean
    Completeness completeness(Catalog catalog, PublishedPositions positions) {
        return new Completeness(catalog, positions);
    }

    @Bean
    Committer committer(
            Catalog catalog,
            EventPublisher publisher,
            CommitSteps steps,
            CatalogMetrics metrics,
            SweepLoop sweeps,
            Completeness completeness) {
        return new Committer(catalog, publisher, steps, metrics, sweeps, completeness);
    }

    @Bean(destroyMethod = "")
    CommitLoop commitLoop(
            Committer committer, CatalogProperties properties, CatalogMetrics metrics, ControlTopics topics) {
        CommitLoop loop = new CommitLoop(
                committer,
                () -> {
                    topics.create();
                    return EventLog.open(properties.kafkaBootstrapServers());
                },
                FIRST_RETRY,
                LAST_RETRY);
        metrics.parkedTables(() -> loop.parked().size());
        return loop;
    }

    @Bean
    UnsettledEvents unsettledEvents(CatalogProperties properties, CommitLoop loop) {
        return new UnsettledLog(properties.kafkaBootstrapServers(), loop::settledOffset);
    }

    @Bean
    SettledEvents settledEvents(CatalogProperties properties) {
        return new SettledLog(properties.kafkaBootstrapServers());
    }

    @Bean
    CommitLifecycle commitLifecycle(
            ControlTopics topics, CommitLoop commits, SweepLoop sweeps, PositionsFollower positions) {
        return new CommitLifecycle(topics, commits, sweeps, positions);
    }

    /// Parked tables need an operator, not a restart: they do not make the service unready.
    @Bean
    HealthIndicator committerHealthIndicator(CommitLoop loop) {
        return () -> loop.reading()
                ? Health.up().withDetail("parked", loop.parked().size()).build()
                : Health.outOfService()
                        .withDetail("reason", "FilesWritten is not read; see the log")
                        .build();
    }
}
