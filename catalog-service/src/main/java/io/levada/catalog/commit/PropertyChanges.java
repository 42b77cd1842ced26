package io.levada.catalog.commit;

import java.util.Map;
import java.util.Set;

/// Table properties that a commit sets and removes.
record PropertyChanges(Map<String, String> set, Set<String> removed) {
    PropertyChanges {
        set = Map.copyOf(set);
        removed = Set.copyOf(removed);
    }

    static PropertyChanges set(Map<String, String> set) {
        return new PropertyChanges(set, Set.of());
    }
}
