package io.levada.query.api;

import io.levada.events.SourcePosition;
import io.levada.events.TablePosition;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.apache.iceberg.Snapshot;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// To which position of each source snapshots are complete, as far as catalog-service knows: it follows sources whose
/// tables have no changes. Where it does not answer, what the snapshots say of themselves.
///
/// Safe for use by several threads.
final class CatalogPositions implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CatalogPositions.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final int TABLES_PER_REQUEST = 50;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final URI catalog;
    private final @Nullable String token;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(TIMEOUT).build();

    /// @param catalog base URL of catalog-service
    /// @param token that it demands; null where it demands none
    CatalogPositions(URI catalog, @Nullable String token) {
        this.catalog = catalog;
        this.token = token;
    }

    /// Never fails.
    ///
    /// @param snapshots by table
    /// @return by table and source; a table of which nothing is known is absent
    CompletableFuture<Map<String, Map<String, SourcePosition>>> completeTo(Map<String, Snapshot> snapshots) {
        List<CompletableFuture<Map<String, Map<String, SourcePosition>>>> parts = new ArrayList<>();
        Map<String, Snapshot> part = new LinkedHashMap<>();
        for (Map.Entry<String, Snapshot> snapshot : snapshots.entrySet()) {
            part.put(snapshot.getKey(), snapshot.getValue());
            if (part.size() == TABLES_PER_REQUEST) {
                parts.add(ask(Map.copyOf(part)));
                part.clear();
            }
        }
        if (!part.isEmpty()) {
            parts.add(ask(Map.copyOf(part)));
        }
        return CompletableFuture.allOf(parts.toArray(CompletableFuture<?>[]::new))
                .thenApply(_ -> {
                    Map<String, Map<String, SourcePosition>> all = new LinkedHashMap<>();
                    parts.forEach(answer -> all.putAll(answer.join()));
                    all.values().removeIf(Map::isEmpty);
                    return all;
                });
    }

    private CompletableFuture<Map<String, Map<String, SourcePosition>>> ask(Map<String, Snapshot> snapshots) {
        String tables = snapshots.entrySet().stream()
                .map(snapshot -> "table="
                        + URLEncoder.encode(
                                snapshot.getKey() + "@" + snapshot.getValue().snapshotId(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        String base = catalog.toString();
        URI uri = URI.create(
                (base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + "/v1/positions?" + tables);
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(TIMEOUT);
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString())
                .thenApply(CatalogPositions::answered)
                .exceptionally(failure -> {
                    log.atDebug().setCause(failure).log("catalog-service does not tell how far tables are complete");
                    Map<String, Map<String, SourcePosition>> said = new LinkedHashMap<>();
                    snapshots.forEach((table, snapshot) ->
                            said.put(table, TablePosition.sources(TablePosition.in(snapshot.summary()))));
                    return said;
                });
    }

    private static Map<String, Map<String, SourcePosition>> answered(HttpResponse<String> response) {
        if (response.statusCode() != 200) {
            throw new IllegalStateException("HTTP " + response.statusCode());
        }
        return JSON.readValue(response.body(), new TypeReference<Map<String, Map<String, SourcePosition>>>() {});
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
