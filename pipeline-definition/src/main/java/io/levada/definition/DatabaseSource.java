package io.levada.definition;

import java.util.List;

/// A database whose tables are loaded and whose log is captured.
public sealed interface DatabaseSource extends SourceDefinition permits PostgresSource, BinlogSource {
    /// The type as levada.yaml names it.
    String type();

    /// A JDBC URL, without user and password.
    String url();

    String user();

    Secret password();

    /// In the file's order.
    List<SourceTable> tables();
}
