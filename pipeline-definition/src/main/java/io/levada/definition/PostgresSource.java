package io.levada.definition;

import java.util.List;

/// A PostgreSQL database whose changes are captured through logical replication.
///
/// @param url a JDBC URL
/// @param tables in the file's order
public record PostgresSource(
        String name, String url, String user, Secret password, List<SourceTable> tables, LoadSettings load)
        implements SourceDefinition {
    public PostgresSource {
        tables = List.copyOf(tables);
    }

    public PostgresSource(String name, String url, String user, Secret password, List<SourceTable> tables) {
        this(name, url, user, password, tables, LoadSettings.DEFAULT);
    }
}
