package io.levada.definition;

import java.net.URI;

/// Who else may call catalog-service: bearers of a JWT (RFC 7519) that an issuer has signed for it.
///
/// @param issuer an OpenID Connect provider or OAuth 2 authorization server, whose keys are found by its metadata (RFC
///     8414)
/// @param audience one that the JWT is meant for
public record JwtIssuer(URI issuer, String audience) {}
