package io.levada.definition;

/// A value that does not show itself in logs or messages.
///
/// @param value the secret in clear; only the client that authenticates with it reads it
public record Secret(String value) {
    @Override
    public String toString() {
        return "***";
    }
}
