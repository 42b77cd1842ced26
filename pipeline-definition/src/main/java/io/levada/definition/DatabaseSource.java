package io.levada.definition;

import java.util.List;

/// A database whose tables are loaded and whose log is captured.
public sealed interface DatabaseSource extends SourceDefinition permits PostgresSource, BinlogSource, MongoSource {
    /// The type as levada.yaml names it.
    String type();

    /// A JDBC URL, or MongoDB's connection string, without user and password.
    String url();

    /// Empty where the server asks for none, which only MongoDB's may.
    String user();

    Secret password();

    /// In the file's order.
    List<SourceTable> tables();

    /// How the tables are read that are there at first.
    LoadSettings load();
}
