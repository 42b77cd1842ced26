package io.levada.catalog.rest;

import io.levada.definition.AccessTokens;
import io.levada.definition.Secret;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.exceptions.NotAuthorizedException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.filter.OncePerRequestFilter;
import tools.jackson.databind.json.JsonMapper;

/// Demands one of the definition's tokens of whoever calls, where it has any: `Authorization: Bearer <token>`
/// (RFC 6750). Health and meters of `/actuator` are left open: they are for the machines that watch the service.
///
/// Without one the answer is 401, in the form of the protocol that is asked. Tokens are compared in constant time and
/// shown nowhere.
final class TokenFilter extends OncePerRequestFilter {
    /// The request's attribute with the name of the caller's token.
    static final String CALLER = "levada.caller";

    private static final String SCHEME = "Bearer ";
    private static final String CHALLENGE = "Bearer realm=\"levada\"";
    private static final String NEXT_STEP =
            "Send `Authorization: Bearer <token>` with one of `catalog: {tokens}` of levada.yaml";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final AccessTokens tokens;

    TokenFilter(AccessTokens tokens) {
        this.tokens = tokens;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return !tokens.demanded() || request.getServletPath().startsWith("/actuator/");
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Optional<String> caller = caller(request.getHeader(HttpHeaders.AUTHORIZATION));
        if (caller.isPresent()) {
            request.setAttribute(CALLER, caller.get());
            chain.doFilter(request, response);
        } else {
            refuse(request, response);
        }
    }

    private Optional<String> caller(@Nullable String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Optional.empty();
        }
        byte[] sent = authorization.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8);
        Optional<String> found = Optional.empty();
        // All are compared, so that the time tells nothing about which one was nearly right.
        for (Map.Entry<String, Secret> token : tokens.byName().entrySet()) {
            if (MessageDigest.isEqual(sent, token.getValue().value().getBytes(StandardCharsets.UTF_8))) {
                found = Optional.of(token.getKey());
            }
        }
        return found;
    }

    private static void refuse(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setHeader(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE);
        String path = request.getServletPath();
        if (path.startsWith("/iceberg/")) {
            ResponseEntity<byte[]> answer =
                    IcebergAnswer.failed(new NotAuthorizedException("Not authorized. %s", NEXT_STEP));
            write(response, "application/json", answer.getBody());
        } else if (path.startsWith("/registry/")) {
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("error_code", 401);
            body.put("message", "Not authorized. " + NEXT_STEP);
            write(response, "application/vnd.schemaregistry.v1+json", JSON.writeValueAsBytes(body));
        } else {
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("title", "Unauthorized");
            body.put("status", 401);
            body.put("detail", "The request has no token that is known here");
            body.put("code", "HTTP-401");
            body.put("nextStep", NEXT_STEP);
            write(response, "application/problem+json", JSON.writeValueAsBytes(body));
        }
    }

    private static void write(HttpServletResponse response, String type, byte @Nullable [] body) throws IOException {
        response.setStatus(HttpServletResponse.SC_UNAUTHORIZED);
        response.setContentType(type);
        if (body != null) {
            response.getOutputStream().write(body);
        }
    }
}
