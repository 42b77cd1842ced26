package io.levada.local;

import io.levada.definition.PipelineDefinition;
import io.levada.definition.Secret;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Asks a service over HTTP. Problem documents become [LocalException]s that carry the service's own words.
///
/// Orders to catalog-service carry the token that the environment names, where it names one: `catalog.tokens` of the
/// definition may demand it. Whoever runs the services himself has the definition's own token instead, for all
/// requests.
final class ServiceClient implements AutoCloseable {
    /// The environment's variable.
    static final String TOKEN = "LEVADA_TOKEN";

    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final @Nullable String token;
    private final boolean everywhere;

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final JsonMapper json = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    ServiceClient() {
        this(System.getenv(TOKEN));
    }

    ServiceClient(@Nullable String token) {
        this(token, false);
    }

    private ServiceClient(@Nullable String token, boolean everywhere) {
        this.token = token;
        this.everywhere = everywhere;
    }

    /// Asks the services of a pipeline in this process.
    static ServiceClient within(PipelineDefinition definition) {
        return new ServiceClient(definition.tokens().own().map(Secret::value).orElse(null), true);
    }

    JsonNode get(String url) {
        return parsed(url, text(url));
    }

    String text(String url) {
        return body(url, request(url).GET().build());
    }

    JsonNode post(String url, JsonNode body) {
        HttpRequest request = request(url)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build();
        return parsed(url, body(url, request));
    }

    private HttpRequest.Builder request(String url) {
        URI uri = uri(url);
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(TIMEOUT);
        return token != null && (everywhere || isForCatalog(uri))
                ? request.header("Authorization", "Bearer " + token)
                : request;
    }

    private static boolean isForCatalog(URI uri) {
        String path = String.valueOf(uri.getPath());
        return path.startsWith("/v1/crawls") || path.startsWith("/v1/maintenance") || path.startsWith("/v1/erasures");
    }

    private static URI uri(String url) {
        try {
            return URI.create(url);
        } catch (IllegalArgumentException e) {
            throw new LocalException(
                    LocalError.NOT_REACHABLE, "`" + url + "` is no URL", "Give one such as http://127.0.0.1:8080", e);
        }
    }

    private JsonNode parsed(String url, String body) {
        try {
            return json.readTree(body);
        } catch (JacksonException e) {
            throw new LocalException(
                    LocalError.NOT_REACHABLE, url + " answers, but not with JSON", "Check the URL: is it Levada's?", e);
        }
    }

    private String body(String url, HttpRequest request) {
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() / 100 == 2) {
                return response.body();
            }
            throw refused(url, response);
        } catch (ConnectException e) {
            throw new LocalException(
                    LocalError.NOT_REACHABLE,
                    "Nothing answers at " + url,
                    "Start a pipeline with `./levada demo` or `./levada run PROJECT`, or give its URL with --url",
                    e);
        } catch (IOException e) {
            throw new LocalException(LocalError.NOT_REACHABLE, url + " broke off: " + e, "Try again", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalException(LocalError.NOT_REACHABLE, "Interrupted while asking " + url, "Try again", e);
        }
    }

    private static LocalError error(HttpRequest request) {
        String path = request.uri().getPath();
        if (path.startsWith("/v1/crawls")) {
            return LocalError.CRAWL_FAILED;
        }
        boolean order = path.startsWith("/v1/sources/")
                || path.startsWith("/v1/quarantine/")
                || path.startsWith("/v1/maintenance")
                || path.startsWith("/v1/erasures");
        return order ? LocalError.ORDER_REFUSED : LocalError.QUERY_FAILED;
    }

    private LocalException refused(String url, HttpResponse<String> response) {
        try {
            JsonNode problem = json.readTree(response.body());
            if (problem.hasNonNull("code")) {
                return new LocalException(
                        error(response.request()),
                        problem.path("code").asString("") + ": "
                                + problem.path("detail").asString(""),
                        problem.path("nextStep").asString(""));
            }
        } catch (JacksonException _) {
            // Not a problem document: the status line says all there is.
        }
        return new LocalException(
                LocalError.QUERY_FAILED,
                url + " answered with HTTP status " + response.statusCode(),
                "Look into the pipeline's levada.log");
    }

    @Override
    public void close() {
        http.close();
    }
}
