package io.levada.catalog.registry;

/// Names of subjects, as requests write them.
final class Subject {
    private static final int MAX_CHARACTERS = 1_000;

    /// The default context, which is the only one here.
    private static final String DEFAULT_CONTEXT = ":.:";

    private Subject() {}

    /// The subject's name without the default context.
    static String of(String written) {
        String name = written.startsWith(DEFAULT_CONTEXT) ? written.substring(DEFAULT_CONTEXT.length()) : written;
        if (name.isBlank()) {
            throw RegistryFailure.invalidSubject(written, "it is empty");
        }
        if (name.startsWith(":.")) {
            throw RegistryFailure.invalidSubject(written, "this registry has no contexts but the default one");
        }
        if (name.chars().anyMatch(Character::isISOControl)) {
            throw RegistryFailure.invalidSubject(written, "it has control characters");
        }
        if (name.length() > MAX_CHARACTERS) {
            throw RegistryFailure.invalidSubject(
                    written.substring(0, 60) + "...", "it has more than " + MAX_CHARACTERS + " characters");
        }
        return name;
    }
}
