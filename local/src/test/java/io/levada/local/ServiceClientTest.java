package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ServiceClientTest {
    @Test
    void sendsTheTokenWithOrdersToTheCatalogOnly() throws Exception {
        Map<String, String> sent = new ConcurrentHashMap<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            sent.put(
                    exchange.getRequestURI().getPath(),
                    String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            byte[] answer = "{}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        String url = "http://127.0.0.1:" + server.getAddress().getPort();

        try (ServiceClient client = new ServiceClient("secret-of-the-catalog")) {
            client.get(url + "/v1/status");
            client.get(url + "/v1/maintenance");
            client.post(url + "/v1/crawls", JsonMapper.shared().createObjectNode());
        } finally {
            server.stop(0);
        }

        assertThat(sent)
                .containsOnly(
                        Map.entry("/v1/status", "null"),
                        Map.entry("/v1/maintenance", "Bearer secret-of-the-catalog"),
                        Map.entry("/v1/crawls", "Bearer secret-of-the-catalog"));
    }
}
