package io.levada.query.api;

import io.levada.definition.NamedQuery;
import java.util.Map;
import java.util.Optional;

/// The named queries that are answered now. They can be exchanged while the service runs: a request that has found its
/// query goes on with it.
public final class NamedQueries {
    private volatile Map<String, NamedQuery> queries;

    NamedQueries(Map<String, NamedQuery> queries) {
        this.queries = Map.copyOf(queries);
    }

    /// Answers these from now on, and no others.
    public void replace(Map<String, NamedQuery> next) {
        queries = Map.copyOf(next);
    }

    Optional<NamedQuery> named(String name) {
        return Optional.ofNullable(queries.get(name));
    }
}
