package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MaintenanceStatusTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    private static final String STATE = """
            {'state': 'IDLE', 'tables': [
              {'table': 'raw.a_b', 'finishedAt': '2026-11-22T09:55:00Z', 'elapsedMillis': 1234, 'filesAfter': 8,
               'filesRewritten': 1000, 'snapshotsExpired': 3, 'orphansDeleted': 30, 'problems': []},
              {'table': 'raw.c_d', 'finishedAt': '2026-11-22T09:59:30Z', 'elapsedMillis': 20, 'filesAfter': 1,
               'problems': [{'code': 'REWRITE_FAILED', 'detail': 'no space is left', 'nextStep': 'Make room'}]}],
             'orphans': {'problems': []}}""";

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text.replace('\'', '"'));
    }

    @Test
    void showsTheLastRunOfEachTableAndWhatWentWrong() {
        assertThat(new MaintenanceStatus(json(STATE), "", NOW).toString()).isEqualTo("""
                Maintenance
                TABLE    MAINTAINED  TOOK   FILES  REWRITTEN  EXPIRED  DELETED  PROBLEM
                raw.a_b  5m ago      1.2 s      8      1,000        3       30  -
                raw.c_d  30s ago     0.0 s      1          0        0        0  REWRITE_FAILED
                raw.c_d: REWRITE_FAILED: no space is left
                    Next step: Make room
                """);
    }

    @Test
    void saysNothingBeforeTheFirstRun() {
        assertThat(new MaintenanceStatus(json("{'state': 'IDLE', 'tables': [], 'orphans': {}}"), "", NOW).toString())
                .isEmpty();
    }

    @Test
    void asksCatalogServiceAndSaysWhereItDoesNotTell() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        int[] answered = {200};
        server.createContext("/v1/maintenance", exchange -> {
            byte[] body = STATE.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answered[0], body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        JsonNode status = json("{'catalog': {'reachable': true, 'url': 'http://127.0.0.1:%d'}}"
                .formatted(server.getAddress().getPort()));
        try (ServiceClient client = new ServiceClient()) {
            assertThat(MaintenanceStatus.ask(client, status, NOW).toString()).contains("raw.a_b");

            answered[0] = 503;
            assertThat(MaintenanceStatus.ask(client, status, NOW).toString()).contains("It is not known what was done");
            assertThat(MaintenanceStatus.ask(client, json("{'catalog': {'reachable': false}}"), NOW)
                            .toString())
                    .isEmpty();
        } finally {
            server.stop(0);
        }
    }
}
