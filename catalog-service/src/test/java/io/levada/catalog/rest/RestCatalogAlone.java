package io.levada.catalog.rest;

import io.levada.catalog.CatalogBackend;
import io.levada.catalog.CatalogDatabase;
import io.levada.catalog.SnapshotAnnouncer;
import io.levada.definition.AccessTokens;
import io.levada.definition.CatalogDefinition;
import io.levada.definition.FlushPolicy;
import io.levada.definition.LakeDefinition;
import io.levada.definition.PipelineDefinition;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.rest.RESTCatalog;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.context.support.GenericApplicationContext;

/// The Iceberg REST catalog on a free port, without committer and Kafka.
final class RestCatalogAlone implements AutoCloseable {
    private final ConfigurableApplicationContext context;
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<String> announced = Collections.synchronizedList(new ArrayList<>());

    @SpringBootConfiguration
    @EnableAutoConfiguration
    @Import({
        IcebergController.class,
        IcebergNamespaceController.class,
        IcebergViewController.class,
        IcebergAdvice.class,
        RestConfiguration.class
    })
    static class RestAlone {}

    private RestCatalogAlone(CatalogBackend backend, AccessTokens tokens) {
        PipelineDefinition definition = new PipelineDefinition(
                        Path.of("."),
                        "test",
                        LakeDefinition.DEFAULT,
                        new FlushPolicy(Duration.ofSeconds(5), 1 << 20),
                        Map.of(),
                        Map.of(),
                        Map.of(),
                        Map.of())
                .with(CatalogDefinition.DEFAULT, tokens);
        ApplicationContextInitializer<GenericApplicationContext> beans = target -> {
            target.registerBean(CatalogBackend.class, () -> backend);
            target.registerBean(SnapshotAnnouncer.class, () -> announced::add);
            target.registerBean(PipelineDefinition.class, () -> definition);
        };
        context = new SpringApplicationBuilder(RestAlone.class)
                .initializers(beans)
                .run(
                        "--spring.config.name=rest-alone",
                        "--server.port=0",
                        "--server.address=127.0.0.1",
                        "--spring.cloud.function.autodetect=false");
    }

    static RestCatalogAlone start(Path directory, AccessTokens tokens) {
        return start(
                CatalogBackend.of(CatalogDatabase.open(
                        directory, directory.resolve("lake").toString())),
                tokens);
    }

    static RestCatalogAlone start(CatalogBackend backend, AccessTokens tokens) {
        return new RestCatalogAlone(backend, tokens);
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port"))
                .resolve(path);
    }

    /// Tables that were to be announced.
    List<String> announced() {
        return List.copyOf(announced);
    }

    /// @param properties of the client, besides the address
    RESTCatalog client(Map<String, String> properties) {
        Map<String, String> all = new HashMap<>(properties);
        all.put(CatalogProperties.URI, uri("/iceberg").toString());
        all.put(CatalogProperties.FILE_IO_IMPL, "io.levada.lake.LocalFileIO");
        RESTCatalog client = new RESTCatalog();
        client.initialize("test", all);
        return client;
    }

    /// @param headers names and values in turn
    HttpResponse<String> call(String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        context.close();
        http.close();
    }
}
