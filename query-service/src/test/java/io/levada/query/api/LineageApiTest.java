package io.levada.query.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.levada.sql.QueryException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

final class LineageApiTest {
    @Test
    void answersAsTheCatalogDoesAndSaysWhereItIsAway() throws Exception {
        AtomicReference<URI> asked = new AtomicReference<>();
        HttpServer catalog = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        catalog.createContext("/v1/lineage/", exchange -> {
            asked.set(exchange.getRequestURI());
            byte[] body = "{\"code\":\"LINEAGE_TABLE_UNKNOWN\"}".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/problem+json");
            exchange.sendResponseHeaders(404, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        catalog.start();
        URI base = URI.create("http://127.0.0.1:" + catalog.getAddress().getPort() + "/");
        try (LineageApi api = new LineageApi(base, null)) {
            ResponseEntity<byte[]> answer = api.answer("raw.none", "direction=up&depth=2");

            assertThat(answer.getStatusCode().value()).isEqualTo(404);
            assertThat(answer.getHeaders().getContentType()).isEqualTo(MediaType.APPLICATION_PROBLEM_JSON);
            assertThat(answer.getBody()).asString().contains("LINEAGE_TABLE_UNKNOWN");
            assertThat(asked.get()).hasToString("/v1/lineage/raw.none?direction=up&depth=2");
            catalog.stop(0);
            assertThatThrownBy(() -> api.answer("raw.none", null))
                    .isInstanceOfSatisfying(
                            QueryException.class,
                            thrown -> assertThat(thrown.error().code()).isEqualTo("QUERY-CATALOG-UNREACHABLE"));
        }
    }
}
