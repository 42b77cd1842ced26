package io.levada.ingest.changes;

import io.levada.definition.AccessTokens;
import io.levada.definition.PipelineDefinition;
import io.levada.definition.RegistryDefinition;
import io.levada.definition.RegistryDefinition.Login;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// Where the schema registry is, and how it is told who asks.
///
/// @param uri without a trailing slash, such as `http://127.0.0.1:8082/registry`
/// @param login null where none is wanted
/// @param outside whether it is not catalog-service's
public record RegistryAddress(URI uri, @Nullable Login login, boolean outside) {
    /// The registry that a definition names: one outside, or catalog-service's, which takes Levada's own token.
    ///
    /// @param builtIn where catalog-service's is
    public static RegistryAddress of(PipelineDefinition definition, URI builtIn) {
        return switch (definition.registry()) {
            case RegistryDefinition.Outside outside -> new RegistryAddress(outside.url(), outside.login(), true);
            case RegistryDefinition.BuiltIn _ -> builtIn(builtIn, definition.tokens());
        };
    }

    private static RegistryAddress builtIn(URI uri, AccessTokens tokens) {
        return new RegistryAddress(uri, tokens.own().map(Login.Token::new).orElse(null), false);
    }

    /// The value of the header `Authorization`, or null where there is none.
    @Nullable
    String authorization() {
        return switch (login) {
            case null -> null;
            case Login.Token token -> "Bearer " + token.token().value();
            case Login.Basic basic ->
                "Basic "
                        + Base64.getEncoder()
                                .encodeToString(
                                        (basic.user() + ":" + basic.password().value())
                                                .getBytes(StandardCharsets.UTF_8));
        };
    }

    /// What an operator can do where it does not answer or refuses.
    String nextStep(boolean unauthorized) {
        if (unauthorized) {
            return outside
                    ? "Correct `registry.user` and `registry.password`, or `registry.token`, in levada.yaml and start again"
                    : "See that this service and catalog-service read the same `catalog.tokens`";
        }
        return outside
                ? "Levada tries again by itself; see that the schema registry at " + uri + " runs and what it logs"
                : "Levada tries again by itself; see that catalog-service runs, and look into its log";
    }
}
