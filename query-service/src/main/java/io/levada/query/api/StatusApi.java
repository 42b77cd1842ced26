package io.levada.query.api;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The status of all services in one document. A service that does not answer is shown as such.
@RestController
final class StatusApi implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static final String CATALOG = "catalog";

    private final Map<String, URI> services;
    private final @Nullable String catalogToken;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build();

    /// @param services base URLs by name, in the order of the answer
    /// @param catalogToken that catalog-service demands; null where it demands none
    StatusApi(Map<String, URI> services, @Nullable String catalogToken) {
        this.services = new LinkedHashMap<>(services);
        this.catalogToken = catalogToken;
    }

    @GetMapping("/v1/status")
    Map<String, ServiceStatus> status() {
        Map<String, CompletableFuture<ServiceStatus>> asked = new LinkedHashMap<>();
        services.forEach((name, url) -> asked.put(name, ask(name, url)));
        Map<String, ServiceStatus> answers = new LinkedHashMap<>();
        asked.forEach((name, answer) -> answers.put(name, answer.join()));
        return answers;
    }

    private CompletableFuture<ServiceStatus> ask(String service, URI base) {
        String text = base.toString();
        URI uri = URI.create((text.endsWith("/") ? text.substring(0, text.length() - 1) : text) + "/v1/status");
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(TIMEOUT);
        if (catalogToken != null && service.equals(CATALOG)) {
            request.header("Authorization", "Bearer " + catalogToken);
        }
        return http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString())
                .thenApply(response -> answered(base, response))
                .exceptionally(failure -> ServiceStatus.unreachable(base, reason(failure)));
    }

    private static ServiceStatus answered(URI base, HttpResponse<String> response) {
        if (response.statusCode() != 200) {
            return ServiceStatus.unreachable(base, refusal(response));
        }
        try {
            return new ServiceStatus(true, base, JSON.readTree(response.body()), null);
        } catch (JacksonException e) {
            return ServiceStatus.unreachable(base, "The answer is not JSON");
        }
    }

    /// What a service says is wrong and what to do, such as that its catalog is away; its HTTP status where it does
    /// not.
    private static String refusal(HttpResponse<String> response) {
        String status = "HTTP " + response.statusCode();
        try {
            JsonNode problem = JSON.readTree(response.body());
            return problem.path("code").isString()
                    ? "%s, %s: %s. %s"
                            .formatted(
                                    status,
                                    problem.path("code").asString(),
                                    problem.path("detail").asString(""),
                                    problem.path("nextStep").asString(""))
                    : status;
        } catch (JacksonException e) {
            return status;
        }
    }

    private static String reason(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        String message = cause.getMessage();
        String kind = cause instanceof IOException ? "No connection" : "Failed";
        return message == null ? kind : kind + ": " + message;
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    /// @param status what the service says of itself, or null where it does not answer
    /// @param error why it does not answer
    record ServiceStatus(
            boolean reachable,
            URI url,
            @Nullable JsonNode status,
            @Nullable String error) {
        static ServiceStatus unreachable(URI url, String error) {
            return new ServiceStatus(false, url, null, error);
        }
    }
}
