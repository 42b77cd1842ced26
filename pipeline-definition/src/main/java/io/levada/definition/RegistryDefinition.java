package io.levada.definition;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/// Which schema registry keeps the schemas of change topics: the `registry:` section.
public sealed interface RegistryDefinition {
    /// The one of catalog-service.
    record BuiltIn() implements RegistryDefinition {}

    /// One that speaks Confluent's REST API.
    ///
    /// @param url its base, without user, password and a trailing slash
    /// @param login null where it asks for none
    record Outside(URI url, @Nullable Login login) implements RegistryDefinition {}

    /// How a client says who it is.
    sealed interface Login {
        /// HTTP's basic authentication.
        record Basic(String user, Secret password) implements Login {}

        /// A bearer token.
        record Token(Secret token) implements Login {}
    }

    RegistryDefinition DEFAULT = new BuiltIn();
}
