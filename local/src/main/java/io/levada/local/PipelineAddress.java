package io.levada.local;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Where questions and orders go: query-service, and ingest-service, whose address query-service knows.
final class PipelineAddress {
    private static final int MAX_ROWS = 10_000;
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

    @Option(names = "--url", description = "query-service. Default: http://127.0.0.1:8080.")
    private @Nullable String url;

    /// What all services say of themselves.
    JsonNode status(ServiceClient client) {
        return client.get(query() + "/v1/status");
    }

    /// A table of the lake with its snapshots, newest first.
    ///
    /// @param before the snapshot that they are older than, or null
    JsonNode table(ServiceClient client, String name, int limit, @Nullable Long before) {
        return client.get(query() + "/v1/tables/" + URLEncoder.encode(name, StandardCharsets.UTF_8) + "?limit=" + limit
                + (before == null ? "" : "&before=" + before));
    }

    /// The rows of a SELECT over the lake.
    List<JsonNode> rows(ServiceClient client, String sql) {
        return rows(client, sql, LONGEST_WAIT);
    }

    /// @param longestWait for the rows, up to a minute
    List<JsonNode> rows(ServiceClient client, String sql, Duration longestWait) {
        ObjectNode request = JsonMapper.shared().createObjectNode();
        request.put("sql", sql).put("maxRows", MAX_ROWS).put("waitMillis", longestWait.toMillis());
        JsonNode answer = client.post(query() + "/v1/queries", request);
        if (!answer.path("state").asString("").equals("SUCCEEDED")) {
            throw new LocalException(
                    LocalError.QUERY_FAILED,
                    "raw.quarantine can not be read: "
                            + answer.path("error")
                                    .path("detail")
                                    .asString("it took longer than " + longestWait.toSeconds() + " s"),
                    "Try again; ./levada status shows what stands still");
        }
        return StreamSupport.stream(answer.path("rows").spliterator(), false).toList();
    }

    /// Posts to ingest-service.
    ///
    /// @param path from the root
    JsonNode post(ServiceClient client, String path, ObjectNode body) {
        return client.post(service(client, "ingest") + path, body);
    }

    /// The address of a service that query-service knows.
    ///
    /// @param name such as `catalog`
    String service(ServiceClient client, String name) {
        String url = serviceIfAny(client, name);
        if (url == null) {
            throw new LocalException(
                    LocalError.NOT_REACHABLE,
                    query() + " knows no " + name + "-service",
                    "Give the URL of query-service with --url; for `./levada run --port N` it is http://127.0.0.1:N");
        }
        return url;
    }

    /// The same, or null where query-service knows none.
    @Nullable
    String serviceIfAny(ServiceClient client, String name) {
        String url = status(client).path(name).path("url").asString("");
        return url.isEmpty() ? null : withoutSlash(url);
    }

    private String query() {
        return url == null ? new LocalPorts(LocalPorts.DEFAULT_FIRST).url(LevadaService.QUERY) : withoutSlash(url);
    }

    private static String withoutSlash(String text) {
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }
}
