package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.levada.definition.LakeDefinition;
import io.levada.definition.S3Settings;
import io.levada.testing.EmbeddedS3Server;
import io.levada.testing.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a pipeline says of a bucket that it can not use, before it starts anything.
final class LakeBucketIT {
    private static EmbeddedS3Server server;

    @BeforeAll
    static void startServer() {
        server = EmbeddedS3Server.start();
        server.createBucket("lake");
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void credentials() {
        System.setProperty("aws.accessKeyId", EmbeddedS3Server.ACCESS_KEY);
        System.setProperty("aws.secretAccessKey", EmbeddedS3Server.SECRET_KEY);
        System.setProperty("aws.disableEc2Metadata", "true");
    }

    @AfterEach
    void noCredentials() {
        List.of("aws.accessKeyId", "aws.secretAccessKey", "aws.disableEc2Metadata")
                .forEach(System::clearProperty);
    }

    private static LakeDefinition lake(String location, URI endpoint) {
        return new LakeDefinition(location, new S3Settings(endpoint, null, true), LakeDefinition.CACHE_BYTES);
    }

    private static void assertRefused(LakeDefinition lake, LocalError error) {
        assertThatThrownBy(() -> LakeBucket.requireUsable(lake))
                .isInstanceOfSatisfying(LocalException.class, refused -> {
                    assertThat(refused.error()).isEqualTo(error);
                    assertThat(refused.getMessage()).contains(lake.location());
                    assertThat(refused.nextStep()).isNotEmpty();
                });
    }

    @Test
    void aBucketThatCanBeListedWrittenAndReadIsUsable() {
        assertThatCode(() -> LakeBucket.requireUsable(lake("s3://lake/prod", server.endpoint())))
                .doesNotThrowAnyException();
        assertThatCode(() -> LakeBucket.requireUsable(lake("s3://lake", server.endpoint())))
                .doesNotThrowAnyException();

        assertThat(server.keys("lake", "")).contains("prod/.levada-can-write", ".levada-can-write");
    }

    @Test
    void aFolderIsNotLookedAt() {
        assertThatCode(() -> LakeBucket.requireUsable(LakeDefinition.DEFAULT)).doesNotThrowAnyException();
    }

    @Test
    void aMissingBucketIsSaid() {
        assertRefused(lake("s3://other/prod", server.endpoint()), LocalError.LAKE_BUCKET_MISSING);
    }

    @Test
    void credentialsThatAreNotTakenAreSaid() {
        System.setProperty("aws.secretAccessKey", "wrong");

        assertRefused(lake("s3://lake", server.endpoint()), LocalError.LAKE_FORBIDDEN);
    }

    @Test
    void missingCredentialsAreSaid() {
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");

        assertRefused(lake("s3://lake", server.endpoint()), LocalError.LAKE_NO_CREDENTIALS);
    }

    @Test
    void aServerThatDoesNotAnswerIsSaid() {
        assertRefused(
                lake("s3://lake", URI.create("http://127.0.0.1:" + FreePorts.one())), LocalError.LAKE_UNREACHABLE);
    }

    /// As S3 does where `s3:ListBucket` is granted for a prefix only.
    @Test
    void aBucketThatDoesNotTellWhatIsMissingIsSaid() throws Exception {
        HttpServer s3 = s3(exchange -> exchange.getRequestMethod().equals("HEAD") ? 403 : 200, "AccessDenied");
        try {
            assertRefused(lake("s3://lake", endpoint(s3)), LocalError.LAKE_FORBIDDEN);
        } finally {
            s3.stop(0);
        }
    }

    private static URI endpoint(HttpServer s3) {
        return URI.create("http://127.0.0.1:" + s3.getAddress().getPort());
    }

    private static HttpServer s3(ToIntFunction<HttpExchange> status, String code) throws IOException {
        HttpServer s3 = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        s3.createContext("/", exchange -> {
            try (exchange) {
                String body = "<Error><Code>" + code + "</Code><Message>no</Message></Error>";
                int answer = status.applyAsInt(exchange);
                byte[] bytes = (answer == 200 ? "<ListBucketResult></ListBucketResult>" : body)
                        .getBytes(StandardCharsets.UTF_8);
                boolean head = exchange.getRequestMethod().equals("HEAD");
                exchange.getRequestBody().readAllBytes();
                exchange.sendResponseHeaders(answer, head ? -1 : bytes.length);
                if (!head) {
                    exchange.getResponseBody().write(bytes);
                }
            }
        });
        s3.start();
        return s3;
    }

    /// s3proxy knows neither regions nor rights, so these answers are S3's as they are documented.
    @ParameterizedTest
    @CsvSource({
        "301, PermanentRedirect, LAKE_REGION",
        "400, AuthorizationHeaderMalformed, LAKE_REGION",
        "403, AccessDenied, LAKE_FORBIDDEN",
        "403, InvalidAccessKeyId, LAKE_FORBIDDEN",
        "404, NoSuchBucket, LAKE_BUCKET_MISSING",
        "501, NotImplemented, LAKE_UNREACHABLE",
    })
    void whatS3RefusesIsSaid(int status, String code, LocalError error) throws Exception {
        HttpServer s3 = s3(_ -> status, code);
        try {
            assertRefused(lake("s3://lake", endpoint(s3)), error);
        } finally {
            s3.stop(0);
        }
    }
}
