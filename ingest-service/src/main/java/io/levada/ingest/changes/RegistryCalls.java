package io.levada.ingest.changes;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.util.backoff.BackOffExecution;
import org.springframework.util.backoff.ExponentialBackOff;

/// Requests to the registry. One that is not answered, or answered with 429 or 5xx, is tried again a few times within
/// about a second: all of them may be repeated, as what is registered twice is registered once. Safe for use by several
/// threads.
final class RegistryCalls implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final long FIRST_PAUSE_MILLIS = 150;
    private static final int REPEATS = 3;

    private final RegistryAddress registry;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(TIMEOUT)
            .version(HttpClient.Version.HTTP_1_1)
            .build();

    RegistryCalls(RegistryAddress registry) {
        this.registry = registry;
    }

    /// @param body of a request that has one
    /// @return the answer, of whatever status but 401, 403, 429 and 5xx
    /// @throws RegistryTrouble where there is none
    HttpResponse<String> send(String method, String path, @Nullable String body) throws IOException {
        HttpRequest request = request(method, path, body);
        BackOffExecution pauses = pauses();
        while (true) {
            HttpResponse<String> answer = null;
            IOException failure = null;
            try {
                answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            } catch (IOException e) {
                failure = e;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw trouble("Interrupted while asking the schema registry", e);
            }
            if (answer != null && !isPassing(answer.statusCode())) {
                return allowed(answer, path);
            }
            if (!pause(pauses.nextBackOff())) {
                throw answer == null
                        ? trouble("The schema registry at " + registry.uri() + " does not answer: " + failure, failure)
                        : trouble(
                                "The schema registry at " + registry.uri() + " answers " + path + " with HTTP "
                                        + answer.statusCode() + ": " + excerpt(answer),
                                null);
            }
        }
    }

    private HttpRequest request(String method, String path, @Nullable String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(registry.uri() + path))
                .timeout(TIMEOUT)
                .header("Accept", MEDIA_TYPE + ", application/json")
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", MEDIA_TYPE);
        }
        String authorization = registry.authorization();
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return request.build();
    }

    private static BackOffExecution pauses() {
        ExponentialBackOff pauses = new ExponentialBackOff(FIRST_PAUSE_MILLIS, 2);
        pauses.setJitter(FIRST_PAUSE_MILLIS / 3);
        pauses.setMaxAttempts(REPEATS);
        return pauses.start();
    }

    private static boolean isPassing(int status) {
        return status == 429 || status >= 500;
    }

    /// @return false where it is not to be tried again
    private boolean pause(long millis) throws RegistryTrouble {
        if (millis == BackOffExecution.STOP) {
            return false;
        }
        try {
            return !closed.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw trouble("Interrupted while waiting for the schema registry", e);
        }
    }

    private HttpResponse<String> allowed(HttpResponse<String> answer, String path) throws RegistryTrouble {
        if (answer.statusCode() == 401 || answer.statusCode() == 403) {
            throw new RegistryTrouble(
                    registry,
                    true,
                    "The schema registry at " + registry.uri() + " refuses " + path + " with HTTP "
                            + answer.statusCode() + ": this user may not ask for it",
                    null);
        }
        return answer;
    }

    RegistryTrouble trouble(String message, @Nullable Throwable cause) {
        return new RegistryTrouble(registry, false, message, cause);
    }

    /// As much of an answer as a message bears.
    static String excerpt(HttpResponse<String> answer) {
        String body = answer.body().strip();
        return body.length() <= 300 ? body : body.substring(0, 300) + "...";
    }

    @Override
    public void close() {
        closed.countDown();
        http.close();
    }
}
