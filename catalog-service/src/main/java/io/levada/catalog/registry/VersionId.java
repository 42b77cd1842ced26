package io.levada.catalog.registry;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// A version as a request names it: a number, or the latest.
///
/// @param number -1 for the latest
record VersionId(int number) {
    static VersionId parse(String text) {
        if (text.equals("latest") || text.equals("-1")) {
            return new VersionId(-1);
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= 1) {
                return new VersionId(number);
            }
        } catch (NumberFormatException _) {
            // answered below
        }
        throw RegistryFailure.invalidVersion(text);
    }

    boolean isLatest() {
        return number < 0;
    }

    /// The one that is meant; empty where there is none.
    Optional<RegisteredSchema> of(List<RegisteredSchema> versions) {
        return isLatest()
                ? versions.stream().max(Comparator.comparingInt(RegisteredSchema::version))
                : versions.stream()
                        .filter(version -> version.version() == number)
                        .findFirst();
    }

    @Override
    public String toString() {
        return isLatest() ? "latest" : Integer.toString(number);
    }
}
