package io.levada.sql;

/// Told of queries as they end; called on the query's thread.
@FunctionalInterface
public interface QueryObserver {
    void ended(QueryRequest request, QueryStatus status);
}
