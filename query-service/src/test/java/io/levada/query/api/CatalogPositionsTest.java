package io.levada.query.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.levada.events.SourcePosition;
import io.levada.testing.LocalLake;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CatalogPositionsTest {
    private static final Schema SCHEMA = new Schema(Types.NestedField.optional(1, "id", Types.LongType.get()));

    private final AtomicReference<String> asked = new AtomicReference<>("");
    private HttpServer catalog;
    private int status = 200;

    @BeforeEach
    void start() throws Exception {
        catalog = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        catalog.createContext("/v1/positions", exchange -> {
            asked.set(exchange.getRequestURI().getQuery());
            byte[] body = "{\"raw.t\":{\"shop\":{\"position\":\"0/2B\",\"commitTime\":null}}}"
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        catalog.start();
    }

    @AfterEach
    void stop() {
        catalog.stop(0);
    }

    private Map<String, Map<String, SourcePosition>> completeTo(Path directory) throws Exception {
        try (LocalLake lake = new LocalLake(directory);
                CatalogPositions positions = new CatalogPositions(
                        URI.create("http://127.0.0.1:" + catalog.getAddress().getPort()), null)) {
            lake.create("raw.t", SCHEMA);
            lake.append("raw.t", List.of(List.of(1L)));
            Snapshot snapshot = lake.load("raw.t").orElseThrow().currentSnapshot();
            assertThat(positions.completeTo(Map.of()).join()).isEmpty();
            Map<String, Map<String, SourcePosition>> answer =
                    positions.completeTo(Map.of("raw.t", snapshot)).join();
            assertThat(asked.get()).isEqualTo("table=raw.t@" + snapshot.snapshotId());
            return answer;
        }
    }

    @Test
    void asksForWhatTheCatalogKnowsNow(@TempDir Path directory) throws Exception {
        assertThat(completeTo(directory)).isEqualTo(Map.of("raw.t", Map.of("shop", new SourcePosition("0/2B", null))));
    }

    @Test
    void takesTheSnapshotsWordWhereTheCatalogDoesNotAnswer(@TempDir Path directory) throws Exception {
        status = 500;

        assertThat(completeTo(directory).get("raw.t"))
                .extractingByKey("shop")
                .extracting(SourcePosition::position)
                .isEqualTo("0/1A");
    }
}
