package io.levada.definition;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Who may call catalog-service: `catalog: {tokens: ...}`. Where there is none, everybody may.
///
/// @param byName in the file's order; one of them is [#OWN]
public record AccessTokens(Map<String, Secret> byName) {
    /// The name of the token that Levada's own services send.
    public static final String OWN = "levada";

    public static final AccessTokens NONE = new AccessTokens(Map.of());

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
