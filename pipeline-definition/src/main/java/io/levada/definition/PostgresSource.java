package io.levada.definition;

import java.util.List;

/// A PostgreSQL database whose changes are captured through logical replication.
///
/// @param url a JDBC URL
/// @param tables in the file's order
/// @param loadConnections how many connections read tables for initial loads at a time
public record PostgresSource(
        String name, String url, String user, Secret password, List<SourceTable> tables, int loadConnections)
        implements SourceDefinition {
    /// Where the definition does not say how many connections loads use.
    public static final int DEFAULT_LOAD_CONNECTIONS = 2;

    public PostgresSource {
        tables = List.copyOf(tables);
    }

    public PostgresSource(String name, String url, String user, Secret password, List<SourceTable> tables) {
        this(name, url, user, password, tables, DEFAULT_LOAD_CONNECTIONS);
    }
}
