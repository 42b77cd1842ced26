package io.levada.local;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Where orders to sources go: ingest-service, whose address query-service knows.
final class IngestAddress {
    @Option(names = "--url", description = "query-service. Default: http://127.0.0.1:8080.")
    private @Nullable String url;

    /// Posts to ingest-service.
    ///
    /// @param path from the root
    JsonNode post(ServiceClient client, String path, ObjectNode body) {
        String base = url == null ? new LocalPorts(LocalPorts.DEFAULT_FIRST).url(LevadaService.QUERY) : url;
        String ingest = client.get(withoutSlash(base) + "/v1/status")
                .path("ingest")
                .path("url")
                .asString("");
        if (ingest.isEmpty()) {
            throw new LocalException(
                    LocalError.NOT_REACHABLE,
                    base + " knows no ingest-service",
                    "Give the URL of query-service with --url; for `./levada run --port N` it is http://127.0.0.1:N");
        }
        return client.post(withoutSlash(ingest) + path, body);
    }

    private static String withoutSlash(String text) {
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }
}
