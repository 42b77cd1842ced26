package io.levada.ingest.changes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.levada.definition.RegistryDefinition.Login;
import io.levada.definition.Secret;
import io.levada.lake.RawSchema;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Against a server that answers what each test wants.
class SchemaRegistryTest {
    private static final ChangeSchema SCHEMA =
            ChangeSchema.of(List.of(new RawSchema.Column("id", Types.IntegerType.get())), List.of("id"));

    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final Queue<String> asked = new ConcurrentLinkedQueue<>();
    private final Queue<String> authorizations = new ConcurrentLinkedQueue<>();
    private HttpServer server;
    private SchemaRegistry registry;

    private record Answer(int status, String body) {}

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            exchange.getRequestBody().readAllBytes();
            Answer answer = answers.poll();
            byte[] body = (answer == null ? "" : answer.body()).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer == null ? 503 : answer.status(), body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        registry = registry(null);
    }

    @AfterEach
    void stop() {
        registry.close();
        server.stop(0);
    }

    private SchemaRegistry registry(@Nullable Login login) {
        URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/apis/ccompat/v7");
        return new SchemaRegistry(new RegistryAddress(uri, login, true));
    }

    private void answer(int status, String body) {
        answers.add(new Answer(status, body));
    }

    @Test
    void asksAgainWhereTheRegistryIsBusyOrBroken() throws IOException {
        answer(503, "");
        answer(429, "slow down");
        answer(500, "{\"error_code\":50001,\"message\":\"database\"}");
        answer(200, "{\"id\":7}");

        assertThat(registry.register("t", SCHEMA)).isEqualTo(7);
        assertThat(asked).hasSize(4).containsOnly("POST /apis/ccompat/v7/subjects/t-value/versions");
    }

    @Test
    void givesUpAfterAFewTimesAndSaysWhatIsToBeDone() {
        assertThatThrownBy(() -> registry.schema(3))
                .isInstanceOfSatisfying(
                        RegistryTrouble.class,
                        trouble -> assertThat(trouble.nextStep()).contains("see that the schema registry at"))
                .hasMessageContaining("HTTP 503");
        assertThat(asked).hasSize(4);
    }

    @Test
    void takesOnlyItsOwnWordForASchemaThatIsNotThere() throws IOException {
        answer(404, "{\"error_code\":40403,\"message\":\"Schema not found\"}");
        answer(404, "{\"error_code\":404,\"message\":\"HTTP 404 Not Found\"}");
        answer(404, "<html>No such page</html>");

        assertThat(registry.schema(3)).isEmpty();
        assertThatThrownBy(() -> registry.schema(3)).isInstanceOf(RegistryTrouble.class);
        assertThatThrownBy(() -> registry.schema(3)).isInstanceOf(RegistryTrouble.class);
    }

    @Test
    void logsInWithUserAndPasswordOrWithAToken() throws IOException {
        answer(200, "{\"id\":1}");
        answer(200, "{\"id\":1}");
        try (SchemaRegistry basic = registry(new Login.Basic("levada", new Secret("p:w")));
                SchemaRegistry token = registry(new Login.Token(new Secret("abc")))) {
            basic.register("t", SCHEMA);
            token.register("t", SCHEMA);
        }

        assertThat(authorizations).containsExactly("Basic bGV2YWRhOnA6dw==", "Bearer abc");
    }

    @Test
    void saysThatTheLoginIsRefusedAndAsksNoMore() {
        answer(401, "");

        assertThatThrownBy(() -> registry.register("t", SCHEMA))
                .isInstanceOfSatisfying(
                        RegistryTrouble.class,
                        trouble -> assertThat(trouble.nextStep()).contains("registry.user"))
                .hasMessageContaining("HTTP 401");
        assertThat(asked).hasSize(1);
    }

    @Test
    void releasesItsTopicFromACompatibilityLevel() throws IOException {
        answer(409, "{\"error_code\":40901,\"message\":\"incompatible\"}");
        answer(200, "{\"compatibility\":\"NONE\"}");
        answer(200, "{\"id\":8}");

        assertThat(registry.register("t", SCHEMA)).isEqualTo(8);
        assertThat(asked)
                .containsExactly(
                        "POST /apis/ccompat/v7/subjects/t-value/versions",
                        "PUT /apis/ccompat/v7/config/t-value",
                        "POST /apis/ccompat/v7/subjects/t-value/versions");
    }

    @Test
    void saysWhichSubjectIsToBeReleasedWhereItMayNot() {
        answer(409, "{\"error_code\":40901,\"message\":\"incompatible\"}");
        answer(422, "{\"error_code\":42205,\"message\":\"read-only\"}");

        assertThatThrownBy(() -> registry.register("t", SCHEMA))
                .isInstanceOf(RegistryTrouble.class)
                .hasMessageContaining("Set the level of subject t-value to NONE");
    }
}
