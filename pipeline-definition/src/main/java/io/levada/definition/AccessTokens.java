package io.levada.definition;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Who may call catalog-service: `catalog: {tokens: ..., jwt: ...}`. Where there is no token, everybody may.
///
/// @param byName in the file's order; one of them is [#OWN]
/// @param jwt null where nobody comes with a JWT
public record AccessTokens(
        Map<String, Secret> byName, @Nullable JwtIssuer jwt) {
    /// The name of the token that Levada's own services send.
    public static final String OWN = "levada";

    public static final AccessTokens NONE = new AccessTokens(Map.of());

    public AccessTokens(Map<String, Secret> byName) {
        this(byName, null);
    }

    public AccessTokens {
        byName = Collections.unmodifiableMap(new LinkedHashMap<>(byName));
    }

    /// Whether a token is demanded.
    public boolean demanded() {
        return !byName.isEmpty();
    }

    /// What Levada's own services send; empty where no token is demanded.
    public Optional<Secret> own() {
        return Optional.ofNullable(byName.get(OWN));
    }
}
