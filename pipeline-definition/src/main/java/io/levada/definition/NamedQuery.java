package io.levada.definition;

import java.util.Set;

/// A SELECT with `:named` parameters that HTTP answers at `/api/{name}`.
///
/// @param inputs tables that the SELECT reads
public record NamedQuery(String name, String sql, Set<String> inputs) {
    public NamedQuery {
        inputs = Set.copyOf(inputs);
    }
}
