package io.levada.query.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StatusApiTest {
    /// Who reads the status is to learn that Glue, or a database, is away, not that a service is broken.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"code\":\"CATALOG_AWAY\",\"detail\":\"Glue did not carry out the request\",\"nextStep\":\"Check"
                        + " that it can be reached\"}"
                        + "| HTTP 503, CATALOG_AWAY: Glue did not carry out the request. Check that it can be reached",
                "{\"status\":503} | HTTP 503",
                "<html/> | HTTP 503",
            })
    void passesOnWhatAServiceSaysIsWrong(String answer, String error) throws Exception {
        HttpServer catalog = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        catalog.createContext("/v1/status", exchange -> {
            byte[] body = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(503, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        catalog.start();
        URI base = URI.create("http://127.0.0.1:" + catalog.getAddress().getPort());
        try (StatusApi api = new StatusApi(Map.of("catalog", base), null)) {
            StatusApi.ServiceStatus status = api.status().get("catalog");

            assertThat(status).isEqualTo(new StatusApi.ServiceStatus(false, base, null, error));
        } finally {
            catalog.stop(0);
        }
    }
}
