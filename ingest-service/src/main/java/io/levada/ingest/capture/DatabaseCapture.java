package io.levada.ingest.capture;

import io.levada.definition.DatabaseSource;
import io.levada.definition.SourceTable;
import io.levada.events.Topics;
import java.util.concurrent.CompletableFuture;

/// Captures one database source until it is closed: loads its tables, and publishes its changes with the position in
/// one
/// Kafka transaction.
public sealed interface DatabaseCapture extends AutoCloseable permits PostgresCapture, BinlogCapture {
    void start();

    SourceStatus status();

    /// What the tables must hold before all that was in the source when capture started has passed.
    SourceStatus.EndOfInput endOfInput();

    /// Gives an order, which is carried out as soon as the log reader has stopped for it.
    ///
    /// @return what was done, or the [SourceProblem] that forbids it; cancelled where the source is closed first
    CompletableFuture<String> order(SourceOrder order);

    @Override
    void close();

    /// The topic of a table's changes.
    static String topic(DatabaseSource source, SourceTable table) {
        return Topics.changes(source.name(), table.lakeName());
    }
}
