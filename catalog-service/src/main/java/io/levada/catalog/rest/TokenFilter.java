package io.levada.catalog.rest;

import io.levada.catalog.rest.Callers.Caller;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NotAuthorizedException;
import org.apache.iceberg.exceptions.ServiceUnavailableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.filter.OncePerRequestFilter;
import tools.jackson.databind.json.JsonMapper;

/// Demands one of the definition's tokens, or a JWT of its issuer, of whoever calls, where it has any: `Authorization:
/// Bearer <token>` (RFC 6750). Health and meters of `/actuator` are left open: they are for the machines that watch the
/// service.
///
/// Without one the answer is 401, in the form of the protocol that is asked. Who comes with a JWT may use the catalog
/// and the registry and read what there is to read; orders to crawl, maintain or erase are for the definition's tokens.
/// Tokens are compared in constant time and shown nowhere.
final class TokenFilter extends OncePerRequestFilter {
    /// The request's attribute with the name of the caller: the token's name, or `jwt:` and the subject.
    static final String CALLER = "levada.caller";

    private static final Logger LOG = LoggerFactory.getLogger(TokenFilter.class);
    private static final String SCHEME = "Bearer ";
    private static final String CHALLENGE = "Bearer realm=\"levada\"";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Callers callers;

    /// An answer in place of what was asked for.
    private record Refusal(HttpStatus status, String why, String nextStep) {
        static Refusal unknown(String why) {
            return new Refusal(
                    HttpStatus.UNAUTHORIZED,
                    why,
                    "Send `Authorization: Bearer <token>` with one of `catalog: {tokens}` of levada.yaml, or a JWT of"
                            + " `catalog: {jwt}`");
        }
    }

    TokenFilter(Callers callers) {
        this.callers = callers;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return !callers.demanded() || request.getServletPath().startsWith("/actuator/");
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
        if (authorization == null || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            response.setHeader(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE);
            refuse(request, response, Refusal.unknown("The request has no token that is known here"));
            return;
        }
        switch (callers.of(authorization.substring(SCHEME.length()).strip())) {
            case Caller.Named(String name) -> pass(name, request, response, chain);
            case Caller.Bearer(String subject)
            when isOrder(request) ->
                refuse(
                        request,
                        response,
                        new Refusal(
                                HttpStatus.FORBIDDEN,
                                "The JWT of " + subject + " lets nobody give orders",
                                "Use one of `catalog: {tokens}` of levada.yaml"));
            case Caller.Bearer(String subject) -> pass("jwt:" + subject, request, response, chain);
            case Caller.Unknown(String why) -> {
                response.setHeader(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE + ", error=\"invalid_token\"");
                refuse(request, response, Refusal.unknown(why));
            }
            case Caller.Undecided(String why) -> {
                LOG.atWarn().log("The issuer of JWTs can not be asked for its keys: {}", why);
                refuse(
                        request,
                        response,
                        new Refusal(
                                HttpStatus.SERVICE_UNAVAILABLE,
                                "The issuer of the JWT can not be asked for its keys",
                                "Try again; see whether `catalog: {jwt: {issuer}}` of levada.yaml can be reached"));
            }
        }
    }

    private static void pass(String caller, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        request.setAttribute(CALLER, caller);
        chain.doFilter(request, response);
    }

    private static boolean isOrder(HttpServletRequest request) {
        HttpMethod method = HttpMethod.valueOf(request.getMethod());
        return request.getServletPath().startsWith("/v1/")
                && !method.equals(HttpMethod.GET)
                && !method.equals(HttpMethod.HEAD);
    }

    private static void refuse(HttpServletRequest request, HttpServletResponse response, Refusal refusal)
            throws IOException {
        String path = request.getServletPath();
        int status = refusal.status().value();
        if (path.startsWith("/iceberg/")) {
            ResponseEntity<byte[]> answer = IcebergAnswer.failed(icebergs(refusal));
            write(response, status, "application/json", answer.getBody());
        } else if (path.startsWith("/registry/")) {
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("error_code", status);
            body.put("message", refusal.why() + ". " + refusal.nextStep());
            write(response, status, "application/vnd.schemaregistry.v1+json", JSON.writeValueAsBytes(body));
        } else {
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("title", refusal.status().getReasonPhrase());
            body.put("status", status);
            body.put("detail", refusal.why());
            body.put("code", "HTTP-" + status);
            body.put("nextStep", refusal.nextStep());
            write(response, status, "application/problem+json", JSON.writeValueAsBytes(body));
        }
    }

    private static RuntimeException icebergs(Refusal refusal) {
        String message = "Not authorized: " + refusal.why() + ". " + refusal.nextStep();
        return switch (refusal.status()) {
            case UNAUTHORIZED -> new NotAuthorizedException("%s", message);
            case FORBIDDEN -> new ForbiddenException("%s", message);
            default -> new ServiceUnavailableException("%s", refusal.why() + ". " + refusal.nextStep());
        };
    }

    private static void write(HttpServletResponse response, int status, String type, byte @Nullable [] body)
            throws IOException {
        response.setStatus(status);
        response.setContentType(type);
        if (body != null) {
            response.getOutputStream().write(body);
        }
    }
}
