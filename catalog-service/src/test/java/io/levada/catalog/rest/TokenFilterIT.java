package io.levada.catalog.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.definition.AccessTokens;
import io.levada.definition.Secret;
import io.levada.lake.LakeCatalog;
import io.levada.lake.TableSpec;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NotAuthorizedException;
import org.apache.iceberg.rest.RESTCatalog;
import org.apache.iceberg.types.Types;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenFilterIT {
    private static final String OWN = "own-0123456789-0123456789";
    private static final String SPARK = "spark-0123456789-0123456789";
    private static final Schema SCHEMA = new Schema(Types.NestedField.optional(1, "id", Types.LongType.get()));

    @TempDir
    private Path directory;

    private RestCatalogAlone service;

    @BeforeEach
    void start() {
        service = RestCatalogAlone.start(
                directory, new AccessTokens(Map.of("levada", new Secret(OWN), "spark", new Secret(SPARK))));
    }

    @AfterEach
    void stop() {
        service.close();
    }

    private TableSpec orders() {
        return new TableSpec(
                "raw.orders",
                SCHEMA,
                List.of(),
                directory.resolve("lake/raw/orders").toString(),
                Map.of("levada.source", "s"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Bearer",
                "Bearer ",
                "Bearer nobody",
                "Basic " + SPARK,
                SPARK,
                "Bearer " + SPARK + "x",
                "Bearer spark-0123456789-012345678"
            })
    void refusesWhoeverHasNoToken(String authorization) throws Exception {
        HttpResponse<String> answer = authorization.isEmpty()
                ? service.call("GET", "/iceberg/v1/namespaces", "")
                : service.call("GET", "/iceberg/v1/namespaces", "", "Authorization", authorization);

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("WWW-Authenticate"))
                .get(InstanceOfAssertFactories.STRING)
                .startsWith("Bearer realm=\"levada\"");
        assertThat(answer.body())
                .contains("\"type\":\"NotAuthorizedException\"", "\"code\":401", "Authorization: Bearer")
                .doesNotContain(SPARK, OWN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/registry/subjects", "/v1/status", "/iceberg/v1/config", "/", "/actuator/../v1/status"})
    void demandsATokenForEverything(String path) throws Exception {
        assertThat(service.call("GET", path, "").statusCode()).isEqualTo(401);
    }

    @Test
    void letsHealthBeWatchedWithoutAToken() throws Exception {
        assertThat(service.call("GET", "/actuator/health", "").statusCode()).isNotEqualTo(401);
    }

    @Test
    void icebergsClientsSendTheirToken() throws Exception {
        try (RESTCatalog client = service.client(Map.of("token", SPARK))) {
            client.createNamespace(Namespace.of("raw"));

            assertThat(client.listNamespaces()).containsExactly(Namespace.of("raw"));
        }
        assertThatThrownBy(() -> service.client(Map.of("token", "wrong"))).isInstanceOf(NotAuthorizedException.class);
        assertThatThrownBy(() -> service.client(Map.of())).isInstanceOf(NotAuthorizedException.class);
    }

    @Test
    void levadasOwnServicesSendTheirToken() {
        try (LakeCatalog lake = LakeCatalog.connect(service.uri("/iceberg"), OWN)) {
            Table table = lake.createOrEvolve(orders());
            table.updateProperties().set("levada.settled.raw.orders", "now").commit();

            assertThat(lake.load("raw.orders").orElseThrow().properties())
                    .containsEntry("levada.settled.raw.orders", "now");
        }
    }

    @Test
    void levadasPropertiesAreNotForEngines() throws Exception {
        try (LakeCatalog lake = LakeCatalog.connect(service.uri("/iceberg"), OWN);
                RESTCatalog engine = service.client(Map.of("token", SPARK))) {
            lake.createOrEvolve(orders());
            Table table = engine.loadTable(TableIdentifier.of("raw", "orders"));

            assertThatThrownBy(() ->
                            table.updateProperties().set("levada.source", "x").commit())
                    .isInstanceOf(ForbiddenException.class)
                    .hasMessageContaining("Levada's own services");
            table.updateProperties().set("theirs", "x").commit();
            assertThat(lake.load("raw.orders").orElseThrow().properties()).containsEntry("theirs", "x");
        }
    }
}
