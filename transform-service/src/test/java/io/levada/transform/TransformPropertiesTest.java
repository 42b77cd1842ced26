package io.levada.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class TransformPropertiesTest {
    private static final Map<String, String> NEEDED = Map.of(
            "levada.transform.data-directory", "/data",
            "levada.transform.kafka-bootstrap-servers", "127.0.0.1:9092",
            "levada.transform.catalog-uri", "http://127.0.0.1:8082/iceberg",
            "levada.transform.lake-location", "/lake");

    @Test
    void hasDefaultsForAllThatIsNotNeeded() {
        assertThat(bound(NEEDED))
                .isEqualTo(new TransformProperties(
                        null,
                        Path.of("/data"),
                        "127.0.0.1:9092",
                        URI.create("http://127.0.0.1:8082/iceberg"),
                        "/lake",
                        10L * 1024 * 1024 * 1024,
                        512,
                        2));
    }

    @Test
    void mapsEveryProperty() {
        Map<String, String> all = new HashMap<>(NEEDED);
        all.put("levada.transform.project-directory", "/project");
        all.put("levada.transform.memory-megabytes", "1024");
        all.put("levada.transform.cache-bytes", "1000000");
        all.put("levada.transform.threads", "4");

        assertThat(bound(all))
                .isEqualTo(new TransformProperties(
                        Path.of("/project"),
                        Path.of("/data"),
                        "127.0.0.1:9092",
                        URI.create("http://127.0.0.1:8082/iceberg"),
                        "/lake",
                        1_000_000,
                        1024,
                        4));
    }

    @Test
    void refusesUnknownKeys() {
        Map<String, String> unknown = new HashMap<>(NEEDED);
        unknown.put("levada.transform.memory", "1");

        assertThatThrownBy(() -> bound(unknown)).hasStackTraceContaining("levada.transform.memory");
    }

    private static TransformProperties bound(Map<String, String> properties) {
        return new Binder(new MapConfigurationPropertySource(properties))
                .bind(
                        "levada.transform",
                        Bindable.of(TransformProperties.class),
                        new NoUnboundElementsBindHandler(BindHandler.DEFAULT, _ -> true))
                .get();
    }
}
