package io.levada.sql;

/// Told of queries as they end; called on the query's thread.
@FunctionalInterface
public interface QueryObserver {
    void ended(QueryStatus status);
}
