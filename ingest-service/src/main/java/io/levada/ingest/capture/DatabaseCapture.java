package io.levada.ingest.capture;

import io.levada.definition.DatabaseSource;
import io.levada.definition.SourceTable;
import io.levada.events.Topics;

/// Captures one database source until it is closed: loads its tables, and publishes its changes with the position in
/// one
/// Kafka transaction.
public sealed interface DatabaseCapture extends AutoCloseable permits PostgresCapture, BinlogCapture {
    void start();

    SourceStatus status();

    /// What the tables must hold before all that was in the source when capture started has passed.
    SourceStatus.EndOfInput endOfInput();

    @Override
    void close();

    /// The topic of a table's changes.
    static String topic(DatabaseSource source, SourceTable table) {
        return Topics.changes(source.name(), table.lakeName());
    }
}
