package io.levada.query.api;

import io.levada.query.QueryError;
import io.levada.sql.QueryException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/// `GET /v1/lineage/{table}`, as catalog-service answers it.
@RestController
final class LineageApi implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final URI catalog;
    private final @Nullable String token;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build();

    /// @param catalog base URL of catalog-service
    /// @param token that it demands; null where it demands none
    LineageApi(URI catalog, @Nullable String token) {
        this.catalog = catalog;
        this.token = token;
    }

    @GetMapping("/v1/lineage/{table}")
    ResponseEntity<byte[]> lineage(@PathVariable("table") String table, HttpServletRequest request)
            throws InterruptedException {
        return answer(table, request.getQueryString());
    }

    /// @param parameters as they stand in the request, or null
    ResponseEntity<byte[]> answer(String table, @Nullable String parameters) throws InterruptedException {
        HttpResponse<byte[]> answer = ask(table, parameters);
        return ResponseEntity.status(answer.statusCode())
                .contentType(answer.headers()
                        .firstValue("Content-Type")
                        .map(MediaType::parseMediaType)
                        .orElse(MediaType.APPLICATION_JSON))
                .body(answer.body());
    }

    private HttpResponse<byte[]> ask(String table, @Nullable String parameters) throws InterruptedException {
        String base = catalog.toString();
        URI uri = URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + "/v1/lineage/"
                + URLEncoder.encode(table, StandardCharsets.UTF_8).replace("+", "%20")
                + (parameters == null ? "" : "?" + parameters));
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(TIMEOUT);
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new QueryException(
                    QueryError.CATALOG_UNREACHABLE, "catalog-service at " + catalog + " does not answer: " + e, e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
