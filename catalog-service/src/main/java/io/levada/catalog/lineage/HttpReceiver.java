package io.levada.catalog.lineage;

import io.levada.catalog.lineage.RunEvents.RunEvent;
import io.levada.definition.LineageDefinition;
import io.levada.definition.Secret;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;

/// A server that takes events by POST, as OpenLineage's HTTP transport does.
final class HttpReceiver implements LineageReceiver {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /// What a server says of an event that it can not read, however often it comes.
    private static final Set<Integer> INVALID = Set.of(400, 413, 422);

    private final LineageDefinition.Target.Http target;
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(TIMEOUT)
            .version(HttpClient.Version.HTTP_1_1)
            .build();

    HttpReceiver(LineageDefinition.Target.Http target) {
        this.target = target;
    }

    @Override
    public Outcome tell(RunEvent event) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(target.url())
                .timeout(TIMEOUT)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(event.json()));
        Secret apiKey = target.apiKey();
        if (apiKey != null) {
            request.header("Authorization", "Bearer " + apiKey.value());
        }
        HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 == 2) {
            return new Outcome.Taken();
        }
        String said = "HTTP " + answer.statusCode() + ": " + excerpt(answer.body());
        if (INVALID.contains(answer.statusCode())) {
            return new Outcome.Refused(said);
        }
        throw new IOException(target.url() + " answers " + said);
    }

    private static String excerpt(String body) {
        String text = body.strip();
        return text.length() <= 200 ? text : text.substring(0, 200) + "...";
    }

    @Override
    public String target() {
        return target.url().toString();
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
