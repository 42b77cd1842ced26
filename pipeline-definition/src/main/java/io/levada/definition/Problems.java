package io.levada.definition;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Collects what is wrong, so that all of it is reported at once.
final class Problems {
    static final String DEFINITION_FILE = "levada.yaml";

    private final List<Found> found = new ArrayList<>();

    /// @param order line of levada.yaml that led to the problem
    private record Found(int order, Problem problem) {}

    void add(DefinitionCode code, int line, String key, String message) {
        found.add(new Found(line, new Problem(code.code(), DEFINITION_FILE, line, key, message)));
    }

    /// A problem in a file that levada.yaml names at `line`.
    void addInFile(DefinitionCode code, String file, int line, String key, String message) {
        found.add(new Found(line, new Problem(code.code(), file, 0, key, message)));
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    List<Problem> inOrderOfFile() {
        return found.stream()
                .sorted(Comparator.comparingInt(Found::order))
                .map(Found::problem)
                .distinct()
                .toList();
    }
}
