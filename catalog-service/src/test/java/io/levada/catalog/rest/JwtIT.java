package io.levada.catalog.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.levada.definition.AccessTokens;
import io.levada.definition.JwtIssuer;
import io.levada.definition.Secret;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NotAuthorizedException;
import org.apache.iceberg.rest.RESTCatalog;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Engines and users that come with a JWT of an OAuth 2 authorization server.
class JwtIT {
    private static final String OWN = "own-0123456789-0123456789";
    private static final String NAMESPACES = "/iceberg/v1/namespaces";

    @TempDir
    private static Path directory;

    private static EmbeddedIssuer issuer;
    private static RestCatalogAlone service;

    @BeforeAll
    static void start() {
        issuer = EmbeddedIssuer.start();
        service = service("all", issuer.uri());
    }

    private static RestCatalogAlone service(String folder, URI issuer) {
        return RestCatalogAlone.start(
                directory.resolve(folder),
                new AccessTokens(Map.of("levada", new Secret(OWN)), new JwtIssuer(issuer, EmbeddedIssuer.AUDIENCE)));
    }

    @AfterAll
    static void stop() {
        service.close();
        issuer.close();
    }

    private static HttpResponse<String> get(String path, String token) throws Exception {
        return get(service, path, token);
    }

    private static HttpResponse<String> get(RestCatalogAlone service, String path, String token) throws Exception {
        return service.call("GET", path, "", "Authorization", "Bearer " + token);
    }

    private Map<String, String> credential(String secret) {
        return Map.of(
                "rest.auth.type",
                "oauth2",
                "credential",
                EmbeddedIssuer.CLIENT + ":" + secret,
                "oauth2-server-uri",
                issuer.tokenUri().toString(),
                "scope",
                "lake");
    }

    @Test
    void anEngineLogsInAtTheIssuerAndWorks() throws Exception {
        try (RESTCatalog engine = service.client(credential(EmbeddedIssuer.CLIENT_SECRET))) {
            engine.createNamespace(Namespace.of("theirs"));
            engine.createTable(
                    TableIdentifier.of("theirs", "t"),
                    new Schema(Types.NestedField.optional(1, "id", Types.LongType.get())));

            assertThat(engine.listTables(Namespace.of("theirs"))).containsExactly(TableIdentifier.of("theirs", "t"));
        }
        assertThatThrownBy(() -> service.client(credential("guessed"))).isInstanceOf(NotAuthorizedException.class);
    }

    /// A subject is no token of the definition, whatever it is called.
    @Test
    void aSubjectThatIsCalledLevadaIsNotLevada() throws Exception {
        try (RESTCatalog engine = service.client(Map.of("token", issuer.jwt(AccessTokens.OWN)))) {
            engine.createNamespace(Namespace.of("raw"));
            var table = engine.createTable(
                    TableIdentifier.of("raw", "t"),
                    new Schema(Types.NestedField.optional(1, "id", Types.LongType.get())));

            assertThatThrownBy(() ->
                            table.updateProperties().set("levada.source", "x").commit())
                    .isInstanceOf(ForbiddenException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/erasures", "/v1/maintenance", "/v1/crawls"})
    void ordersAreForTheDefinitionsTokens(String path) throws Exception {
        HttpResponse<String> answer =
                service.call("POST", path, "{}", "Authorization", "Bearer " + issuer.jwt("somebody"));

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("HTTP-403", "The JWT of somebody", "catalog: {tokens}");
        assertThat(service.call("POST", path, "{}", "Authorization", "Bearer " + OWN)
                        .statusCode())
                .isEqualTo(404);
    }

    /// What is wrong with a JWT.
    enum Flaw {
        ANOTHER_AUDIENCE {
            @Override
            String jwt(EmbeddedIssuer issuer) {
                return signed(issuer, issuer.claims("a").audience("another"));
            }
        },
        NO_AUDIENCE {
            @Override
            String jwt(EmbeddedIssuer issuer) {
                return signed(issuer, issuer.claims("a").audience((String) null));
            }
        },
        EXPIRED {
            @Override
            String jwt(EmbeddedIssuer issuer) {
                return signed(issuer, issuer.claims("a").expirationTime(in(Duration.ofMinutes(-5))));
            }
        },
        WITHOUT_END {
            @Override
            String jwt(EmbeddedIssuer issuer) {
                return signed(issuer, issuer.claims("a").expirationTime(null));
            }
        },
        NOT_YET_VALID {
            @Override
            String jwt(EmbeddedIssuer issuer) {
                return signed(issuer, issuer.claims("a").notBeforeTime(in(Duration.ofMinutes(5))));
            }
        },
        ANOTHER_ISSUER {
            @Override
            String jwt(EmbeddedIssuer issuer) {
                return signed(issuer, issuer.claims("a").issuer("https://login.example.com"));
            }
        },
        NO_SUBJECT {
            @Override
            String jwt(EmbeddedIssuer issuer) {
                return signed(issuer, issuer.claims("a").subject(null));
            }
        },
        ANOTHER_KIND {
            @Override
            String jwt(EmbeddedIssuer issuer) {
                return EmbeddedIssuer.signed(
                        issuer.claims("a").build(), issuer.key(), new JOSEObjectType("logout+jwt"));
            }
        },
        ANOTHER_KEY {
            @Override
            String jwt(EmbeddedIssuer issuer) {
                return EmbeddedIssuer.signed(issuer.claims("a").build(), EmbeddedIssuer.newKey(), JOSEObjectType.JWT);
            }
        },
        NOT_SIGNED {
            @Override
            String jwt(EmbeddedIssuer issuer) {
                return new PlainJWT(issuer.claims("a").build()).serialize();
            }
        },
        SIGNED_BY_THE_PUBLIC_KEY {
            @Override
            String jwt(EmbeddedIssuer issuer) throws Exception {
                SignedJWT jwt = new SignedJWT(
                        new JWSHeader.Builder(JWSAlgorithm.HS256)
                                .keyID(issuer.key().getKeyID())
                                .build(),
                        issuer.claims("a").build());
                jwt.sign(new MACSigner(issuer.key().toRSAPublicKey().getEncoded()));
                return jwt.serialize();
            }
        };

        abstract String jwt(EmbeddedIssuer issuer) throws Exception;

        private static Date in(Duration time) {
            return Date.from(Instant.now().plus(time));
        }

        private static String signed(EmbeddedIssuer issuer, JWTClaimsSet.Builder claims) {
            return EmbeddedIssuer.signed(claims.build(), issuer.key(), JOSEObjectType.JWT);
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesAJwtThatIsNotForIt(Flaw flaw) throws Exception {
        String jwt = flaw.jwt(issuer);

        HttpResponse<String> answer = get(NAMESPACES, jwt);

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("WWW-Authenticate"))
                .contains("Bearer realm=\"levada\", error=\"invalid_token\"");
        assertThat(answer.body()).contains("NotAuthorizedException").doesNotContain(jwt);
        assertThat(get(NAMESPACES, issuer.jwt("a")).statusCode()).isEqualTo(200);
    }

    @Test
    void takesTheAccessTokensOfRfc9068() throws Exception {
        String jwt = EmbeddedIssuer.signed(issuer.claims("a").build(), issuer.key(), new JOSEObjectType("at+jwt"));

        assertThat(get(NAMESPACES, jwt).statusCode()).isEqualTo(200);
    }

    @Test
    void asksTheIssuerForItsKeysNowAndThen() throws Exception {
        int before = issuer.keysAsked();
        for (int i = 0; i < 20; i++) {
            assertThat(get(NAMESPACES, issuer.jwt("user" + i)).statusCode()).isEqualTo(200);
        }

        assertThat(issuer.keysAsked() - before).isLessThanOrEqualTo(3);
    }

    @Test
    void followsTheIssuersKeys() throws Exception {
        String old = issuer.jwt("a");
        assertThat(get(NAMESPACES, old).statusCode()).isEqualTo(200);

        issuer.rotate();

        assertThat(get(NAMESPACES, issuer.jwt("a")).statusCode()).isEqualTo(200);
        assertThat(get(NAMESPACES, old).statusCode()).isEqualTo(401);
    }

    @Test
    void saysThatTheIssuerIsAwayAndTakesItsTokensOnceItIsBack() throws Exception {
        try (RestCatalogAlone early = service("early", issuer.uri())) {
            issuer.away(true);

            HttpResponse<String> answer = get(early, NAMESPACES, issuer.jwt("a"));

            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).contains("The issuer of the JWT can not be asked for its keys", "Try again");
            assertThat(get(early, "/registry/subjects", issuer.jwt("a")).body()).contains("\"error_code\":503");
            assertThat(get(early, NAMESPACES, OWN).statusCode()).isEqualTo(200);
            assertThat(get(early, NAMESPACES, "a.b").statusCode()).isEqualTo(401);

            issuer.away(false);
            assertThat(get(early, NAMESPACES, issuer.jwt("a")).statusCode()).isEqualTo(200);
        } finally {
            issuer.away(false);
        }
    }

    /// Metadata of another issuer than the one that was asked is refused (RFC 8414, section 3.3).
    @Test
    void takesNoKeysOfAnIssuerThatCallsItselfOtherwise() throws Exception {
        URI other = URI.create(issuer.uri().toString().replace("127.0.0.1", "localhost"));
        try (RestCatalogAlone misled = service("misled", other)) {
            assertThat(get(misled, NAMESPACES, issuer.jwt("a")).statusCode()).isEqualTo(503);
        }
    }
}
