package io.levada.catalog.rest;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.json.JsonMapper;

/// An OAuth 2 authorization server of one client: metadata, keys, and tokens for the client's credentials.
final class EmbeddedIssuer implements AutoCloseable {
    static final String AUDIENCE = "levada";
    static final String CLIENT = "spark";
    static final String CLIENT_SECRET = "of-spark";

    private final HttpServer server;
    private final AtomicInteger keysAsked = new AtomicInteger();
    private volatile RSAKey key;
    private volatile boolean away;

    private EmbeddedIssuer() {
        try {
            key = newKey();
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.start();
    }

    static EmbeddedIssuer start() {
        return new EmbeddedIssuer();
    }

    static RSAKey newKey() {
        try {
            return new RSAKeyGenerator(2048).keyID(UUID.randomUUID().toString()).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/realms/data");
    }

    URI tokenUri() {
        return URI.create(uri() + "/token");
    }

    int keysAsked() {
        return keysAsked.get();
    }

    /// While away it answers 500.
    void away(boolean nowAway) {
        away = nowAway;
    }

    /// From now on it signs by another key, and knows the old one no more.
    void rotate() {
        key = newKey();
    }

    RSAKey key() {
        return key;
    }

    /// What a JWT for the service says.
    JWTClaimsSet.Builder claims(String subject) {
        Instant now = Instant.now();
        return new JWTClaimsSet.Builder()
                .issuer(uri().toString())
                .subject(subject)
                .audience(AUDIENCE)
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plus(Duration.ofMinutes(5))));
    }

    String jwt(String subject) {
        return signed(claims(subject).build(), key, JOSEObjectType.JWT);
    }

    static String signed(JWTClaimsSet claims, RSAKey by, JOSEObjectType type) {
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256)
                        .keyID(by.getKeyID())
                        .type(type)
                        .build(),
                claims);
        try {
            jwt.sign(new RSASSASigner(by));
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
        return jwt.serialize();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            if (away) {
                send(exchange, 500, "{}");
                return;
            }
            switch (exchange.getRequestURI().getPath()) {
                case "/realms/data/.well-known/openid-configuration" ->
                    send(
                            exchange,
                            200,
                            "{\"issuer\": \"%1$s\", \"jwks_uri\": \"%1$s/keys\", \"token_endpoint\": \"%1$s/token\", \"subject_types_supported\": [\"public\"]}"
                                    .formatted(uri()));
                case "/realms/data/keys" -> {
                    keysAsked.incrementAndGet();
                    send(
                            exchange,
                            200,
                            JsonMapper.shared().writeValueAsString(new JWKSet(key.toPublicJWK()).toJSONObject()));
                }
                case "/realms/data/token" -> token(exchange, form);
                default -> send(exchange, 404, "{}");
            }
        }
    }

    /// RFC 6749, section 4.4.
    private void token(HttpExchange exchange, String form) throws IOException {
        boolean known = form.contains("grant_type=client_credentials")
                && form.contains("client_id=" + CLIENT)
                && form.contains("client_secret=" + CLIENT_SECRET);
        if (known) {
            send(
                    exchange,
                    200,
                    "{\"access_token\": \"%s\", \"token_type\": \"Bearer\", \"expires_in\": 300}"
                            .formatted(jwt(CLIENT)));
        } else {
            send(exchange, 401, "{\"error\": \"invalid_client\"}");
        }
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
