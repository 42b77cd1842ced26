package io.levada.ingest.capture;

import io.debezium.connector.AbstractSourceInfo;
import io.debezium.data.Envelope;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/// Publishes the engine's batches: each is one Kafka transaction with the changes and the position after them.
///
/// The engine hands over batches on one thread.
final class ChangePublisher implements DebeziumEngine.ChangeConsumer<ChangeEvent<SourceRecord, SourceRecord>> {
    /// What others learn of a batch after it is committed.
    interface Listener {
        void published(CapturePosition position, int changes);

        /// @param content of a message that Levada wrote into the log
        void message(String content, CapturePosition position);
    }

    private static final String OFFSET_LSN = "lsn";
    private static final String OFFSET_COMMIT_LSN = "lsn_commit";
    private static final String MESSAGE_FIELD = "message";

    private final SourceLog log;
    private final Map<String, TableChanges> tables;
    private final Listener listener;
    private final CapturePosition.Cursor cursor;

    /// @param tables by `schema.table`
    ChangePublisher(SourceLog log, CapturePosition from, Map<String, TableChanges> tables, Listener listener) {
        this.log = log;
        this.tables = Map.copyOf(tables);
        this.listener = listener;
        this.cursor = new CapturePosition.Cursor(from);
    }

    /// Debezium's form of the position that is committed. It has no `lsn_proc`, so that the engine does not search
    /// within a transaction: it resumes with the first transaction that ended after `lsn`, from its beginning.
    ///
    /// Never that of the batch at hand: whenever the engine's task stops, after a refused commit too, it asks for
    /// this and acknowledges it to the database.
    String debeziumOffset() {
        long committed = log.position().orElseThrow().commitLsn();
        return "{\"" + OFFSET_LSN + "\":" + committed + ",\"" + OFFSET_COMMIT_LSN + "\":" + committed + "}";
    }

    @Override
    public void handleBatch(
            List<ChangeEvent<SourceRecord, SourceRecord>> batch,
            DebeziumEngine.RecordCommitter<ChangeEvent<SourceRecord, SourceRecord>> committer)
            throws InterruptedException {
        log.begin();
        int changes = 0;
        String message = null;
        for (ChangeEvent<SourceRecord, SourceRecord> event : batch) {
            SourceRecord record = event.value();
            if (record.sourceOffset().get(OFFSET_COMMIT_LSN) instanceof Number lsn) {
                cursor.committedUpTo(new Lsn(lsn.longValue()));
            }
            if (record.value() instanceof Struct value) {
                if (value.schema().field(MESSAGE_FIELD) != null) {
                    message = content(value);
                } else if (value.schema().field(Envelope.FieldName.OPERATION) != null) {
                    changes += publish(record, value) ? 1 : 0;
                }
            }
        }
        log.commit(cursor);
        acknowledge(batch.getLast(), committer);
        listener.published(cursor.position(), changes);
        if (message != null) {
            listener.message(message, cursor.position());
        }
    }

    private boolean publish(SourceRecord record, Struct envelope) {
        Struct source = envelope.getStruct(Envelope.FieldName.SOURCE);
        TableChanges table = tables.get(source.getString(AbstractSourceInfo.SCHEMA_NAME_KEY) + "."
                + source.getString(AbstractSourceInfo.TABLE_NAME_KEY));
        if (table == null || TableChanges.isHalfOfKeyUpdate(record)) {
            return false;
        }
        Instant commitTime =
                Instant.EPOCH.plus(source.getInt64(AbstractSourceInfo.TIMESTAMP_US_KEY), ChronoUnit.MICROS);
        String transaction = String.valueOf(source.getInt64("txId"));
        if (!cursor.advance(table.topic(), transaction, commitTime)) {
            return false;
        }
        try {
            log.send(
                    table.topic(),
                    table.encode(
                            record,
                            envelope,
                            cursor.pos(),
                            PostgresServer.lsnText(source.getInt64(OFFSET_LSN)),
                            commitTime,
                            transaction));
            return true;
        } catch (IOException | SQLException e) {
            throw new IllegalStateException("A change of topic " + table.topic() + " can not be encoded now", e);
        }
    }

    private static @Nullable String content(Struct value) {
        Struct message = value.getStruct(MESSAGE_FIELD);
        Object content = message.get("content");
        return switch (content) {
            case byte[] bytes -> new String(bytes, StandardCharsets.UTF_8);
            case ByteBuffer buffer ->
                StandardCharsets.UTF_8.decode(buffer.duplicate()).toString();
            default -> null;
        };
    }

    /// Tells the engine what is committed, so that it acknowledges the same position to the database.
    ///
    /// Only ever after the commit: the engine acknowledges what it was told last whenever it stops, even after a
    /// failure.
    private void acknowledge(
            ChangeEvent<SourceRecord, SourceRecord> last,
            DebeziumEngine.RecordCommitter<ChangeEvent<SourceRecord, SourceRecord>> committer)
            throws InterruptedException {
        DebeziumEngine.Offsets offsets = committer.buildOffsets();
        offsets.set(OFFSET_LSN, cursor.commitLsn());
        offsets.set(OFFSET_COMMIT_LSN, cursor.commitLsn());
        committer.markProcessed(last, offsets);
        committer.markBatchFinished();
    }

    @Override
    public boolean supportsTombstoneEvents() {
        return false;
    }
}
