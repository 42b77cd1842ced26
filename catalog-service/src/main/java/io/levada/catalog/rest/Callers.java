package io.levada.catalog.rest;

import io.levada.definition.AccessTokens;
import io.levada.definition.JwtIssuer;
import io.levada.definition.Secret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtAudienceValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtDecoderInitializationException;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.JwtTypeValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.jwt.SupplierJwtDecoder;
import org.springframework.web.client.RestTemplate;

/// Tells who calls by the token that they send: one of the definition's, or a JWT that its issuer has signed (RFC
/// 7519), as OAuth 2 hands out for this service (RFC 9068 and what came before it).
///
/// The issuer is asked for its keys when the first JWT comes, and again now and then. Safe for use by several threads.
final class Callers {
    private static final Duration ISSUER_PATIENCE = Duration.ofSeconds(5);

    private final AccessTokens tokens;
    private final @Nullable JwtDecoder jwts;

    /// Who a token belongs to.
    sealed interface Caller {
        /// @param name the token's name in the definition
        record Named(String name) implements Caller {}

        /// @param subject the JWT's `sub`
        record Bearer(String subject) implements Caller {}

        /// @param why may be told to the caller
        record Unknown(String why) implements Caller {}

        /// The issuer's keys can not be had.
        ///
        /// @param why for the log
        record Undecided(String why) implements Caller {}
    }

    Callers(AccessTokens tokens) {
        this.tokens = tokens;
        JwtIssuer issuer = tokens.jwt();
        this.jwts = issuer == null ? null : new SupplierJwtDecoder(() -> decoder(issuer));
    }

    private static JwtDecoder decoder(JwtIssuer issuer) {
        SimpleClientHttpRequestFactory http = new SimpleClientHttpRequestFactory();
        http.setConnectTimeout(ISSUER_PATIENCE);
        http.setReadTimeout(ISSUER_PATIENCE);
        String location = issuer.issuer().toString();
        NimbusJwtDecoder decoder = NimbusJwtDecoder.withIssuerLocation(location)
                .restOperations(new RestTemplate(http))
                .build();
        JwtTimestampValidator time = new JwtTimestampValidator();
        time.setAllowEmptyExpiryClaim(false);
        JwtTypeValidator type = new JwtTypeValidator("JWT", "at+jwt", "application/at+jwt");
        type.setAllowEmpty(true);
        decoder.setJwtValidator(new DelegatingOAuth2TokenValidator<>(
                time, type, new JwtIssuerValidator(location), new JwtAudienceValidator(issuer.audience())));
        return decoder;
    }

    boolean demanded() {
        return tokens.demanded();
    }

    Caller of(String token) {
        return named(token).orElseGet(() -> bearer(token));
    }

    private Optional<Caller> named(String token) {
        byte[] sent = token.getBytes(StandardCharsets.UTF_8);
        Optional<Caller> found = Optional.empty();
        // All are compared, so that the time tells nothing about which one was nearly right.
        for (Map.Entry<String, Secret> known : tokens.byName().entrySet()) {
            if (MessageDigest.isEqual(sent, known.getValue().value().getBytes(StandardCharsets.UTF_8))) {
                found = Optional.of(new Caller.Named(known.getKey()));
            }
        }
        return found;
    }

    private Caller bearer(String token) {
        if (jwts == null || token.chars().filter(sign -> sign == '.').count() != 2) {
            return new Caller.Unknown("The request has no token that is known here");
        }
        try {
            Jwt jwt = jwts.decode(token);
            String subject = jwt.getSubject();
            return subject == null || subject.isBlank()
                    ? new Caller.Unknown("The JWT names no subject")
                    : new Caller.Bearer(subject);
        } catch (BadJwtException e) {
            return new Caller.Unknown(String.valueOf(e.getMessage()));
        } catch (JwtException | JwtDecoderInitializationException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return new Caller.Undecided(String.valueOf(cause.getMessage()));
        }
    }
}
