package io.levada.catalog;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/// Whether the catalog answers, for readiness. One question serves all probes of a while, as a question may cost a
/// request to AWS, and no probe waits for long. Safe for use by several threads.
final class CatalogHealth implements HealthIndicator {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Namespace ASKED_FOR = Namespace.of("raw");

    private final SupportsNamespaces namespaces;
    private final Duration kept;
    private @Nullable CompletableFuture<Optional<String>> question;
    private long askedNanos;

    /// @param kept how long an answer is not asked for again
    CatalogHealth(SupportsNamespaces namespaces, Duration kept) {
        this.namespaces = namespaces;
        this.kept = kept;
    }

    @Override
    public Health health() {
        try {
            return question()
                    .get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)
                    .map(CatalogHealth::away)
                    .orElseGet(() -> Health.up().build());
        } catch (TimeoutException _) {
            return away("The catalog has not answered yet");
        } catch (ExecutionException e) {
            return away(String.valueOf(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return away("Interrupted");
        }
    }

    private static Health away(String reason) {
        return Health.outOfService()
                .withDetail("code", CatalogError.CATALOG_AWAY)
                .withDetail("reason", reason)
                .build();
    }

    private synchronized CompletableFuture<Optional<String>> question() {
        CompletableFuture<Optional<String>> last = question;
        if (last == null || (last.isDone() && System.nanoTime() - askedNanos > kept.toNanos())) {
            last = new CompletableFuture<>();
            question = last;
            askedNanos = System.nanoTime();
            CompletableFuture<Optional<String>> asked = last;
            Thread.ofVirtual().name("levada-catalog-health").start(() -> asked.complete(problem()));
        }
        return last;
    }

    private Optional<String> problem() {
        try {
            namespaces.namespaceExists(ASKED_FOR);
            return Optional.empty();
        } catch (RuntimeException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
