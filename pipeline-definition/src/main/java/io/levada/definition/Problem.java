package io.levada.definition;

/// One thing that is wrong in a definition.
///
/// @param code stable, such as `DEF-UNKNOWN-KEY`
/// @param file relative to the project directory
/// @param key dotted path to the value, such as `sources.financeiro.url`; empty for the whole file
/// @param message what is wrong, the value, and what is allowed
public record Problem(String code, String file, String key, String message) {
    @Override
    public String toString() {
        return code + " " + file + (key.isEmpty() ? "" : " at " + key) + ": " + message;
    }
}
