package io.levada.definition;

/// One thing that is wrong in a definition.
///
/// @param code stable, such as `DEF-UNKNOWN-KEY`
/// @param file relative to the project directory
/// @param line in `file`, from 1; 0 where no line is known
/// @param key dotted path to the value, such as `sources.financeiro.url`; empty for the whole file
/// @param message what is wrong, the value, and what is allowed; never a secret
public record Problem(String code, String file, int line, String key, String message) {
    @Override
    public String toString() {
        return code + " " + file + (line == 0 ? "" : ":" + line) + (key.isEmpty() ? "" : " at " + key) + ": " + message;
    }
}
