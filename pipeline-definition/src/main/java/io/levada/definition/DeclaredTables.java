package io.levada.definition;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// The lake's tables that a definition declares, with the key that declares each.
final class DeclaredTables {
    /// Levada's own; its name can not be declared, since `quarantine` is refused as a name.
    private static final String QUARANTINE = "raw.quarantine";

    private final Problems problems;
    private final Map<String, String> declaredBy = new LinkedHashMap<>();

    DeclaredTables(Problems problems) {
        this.problems = problems;
    }

    /// Declares a table; a second one of the same name is a problem.
    void declare(String table, int line, String key, String origin) {
        String earlier = declaredBy.putIfAbsent(table, origin);
        if (earlier != null) {
            problems.add(
                    DefinitionCode.NAME_COLLISION,
                    line,
                    key,
                    origin + " would be " + table + ", as " + earlier
                            + " is already. Give one another name (`as:` of a database source), or leave it out.");
        }
    }

    boolean contains(String table) {
        return table.equals(QUARANTINE) || declaredBy.containsKey(table);
    }

    /// All names, sorted, for messages.
    Set<String> names() {
        Set<String> names = new TreeSet<>(declaredBy.keySet());
        names.add(QUARANTINE);
        return names;
    }
}
