package io.levada.ingest.mongo;

import com.mongodb.client.model.changestream.ChangeStreamDocument;
import io.levada.definition.SourceTable;
import io.levada.ingest.IngestError;
import io.levada.ingest.capture.CapturePosition;
import io.levada.ingest.capture.MongoPosition;
import io.levada.ingest.capture.SourceLog;
import io.levada.ingest.capture.SourceProblem;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;

/// Publishes the events of a change stream: one Kafka transaction after the other, each with changes and the place
/// after them.
///
/// Every event has a token after which the server goes on, so a batch may end anywhere, and nothing is sent again
/// after a restart that was published. Not safe for use by several threads.
final class MongoPublisher {
    /// What others learn of a batch after it is committed.
    interface Listener {
        void published(CapturePosition position, int changes);

        /// The collection was put in another one's place: nothing says what it holds now.
        void replaced(SourceTable table);
    }

    /// Changes of one batch at most.
    static final int BATCH_CHANGES = 8_192;

    private static final long BATCH_BYTES = 16L * 1024 * 1024;
    private static final long BATCH_NANOS = 200_000_000L;
    private static final long IDLE_NANOS = 500_000_000L;

    private final String source;
    private final SourceLog log;
    private final Map<String, CollectionTable> tables;
    private final Listener listener;
    private final int batchChanges;
    private final CapturePosition.Cursor cursor;
    private MongoPosition place;
    private int changes;
    private long bytes;
    private boolean open;
    private long begun = System.nanoTime();

    /// @param tables by the collection's name
    MongoPublisher(
            String source,
            SourceLog log,
            CapturePosition from,
            Map<String, CollectionTable> tables,
            Listener listener,
            int batchChanges) {
        this.source = source;
        this.log = log;
        this.tables = Map.copyOf(tables);
        this.listener = listener;
        this.batchChanges = batchChanges;
        this.cursor = new CapturePosition.Cursor(from);
        this.place = (MongoPosition) from.committed();
    }

    /// @return whether the stream goes on; false after an event with which it ends
    boolean onEvent(ChangeStreamDocument<BsonDocument> event) {
        move(event);
        String kind = Objects.requireNonNullElse(event.getOperationTypeString(), "");
        CollectionTable table = event.getNamespace() == null
                ? null
                : tables.get(event.getNamespace().getCollectionName());
        CollectionTable replaced = null;
        switch (kind) {
            case "insert", "replace", "update", "delete" -> row(table, kind, event);
            case "drop" -> emptied(table, event);
            case "rename" -> {
                emptied(table, event);
                replaced = event.getDestinationNamespace() == null
                        ? null
                        : tables.get(event.getDestinationNamespace().getCollectionName());
                emptied(replaced, event);
            }
            default -> {
                // Indexes, options, shards: nothing that a collection's documents show.
            }
        }
        cursor.committedUpTo(place);
        commitWhenFull();
        boolean ends = kind.equals("invalidate");
        if (ends || replaced != null) {
            commitNow();
        }
        if (replaced != null) {
            listener.replaced(replaced.table());
        }
        return !ends;
    }

    /// Nothing more is there now.
    ///
    /// @param token after which the server would go on; null where it says none
    void idle(@Nullable BsonDocument token) {
        String text = ResumeToken.text(token);
        long time = text == null ? place.time() : ResumeToken.time(text).orElse(place.time());
        if (text != null && Long.compareUnsigned(time, place.time()) > 0) {
            place = new MongoPosition(time, 0, true, text);
        } else {
            place = new MongoPosition(place.time(), place.changes(), true, place.token());
        }
        cursor.committedUpTo(place);
        if (open) {
            commitNow();
        } else if (System.nanoTime() - begun > IDLE_NANOS
                && (cursor.committed().isAfter(log.position().orElseThrow().committed()) || log.isOutdated())) {
            commitNow();
        }
    }

    private void move(ChangeStreamDocument<BsonDocument> event) {
        String token = ResumeToken.text(event.getResumeToken());
        if (token == null || event.getClusterTime() == null) {
            throw new SourceProblem(
                    IngestError.CAPTURE_STREAM_UNREADABLE,
                    "The change stream of source " + source + " holds an event without a time or a token",
                    "See that the server is MongoDB 4.4 or later");
        }
        long time = event.getClusterTime().getValue();
        place = new MongoPosition(time, time == place.time() ? place.changes() + 1 : 1, false, token);
    }

    private void row(@Nullable CollectionTable table, String kind, ChangeStreamDocument<BsonDocument> event) {
        if (table != null && advance(table, event)) {
            send(table, table.encode(origin(event), kind, event));
        }
    }

    private void emptied(@Nullable CollectionTable table, ChangeStreamDocument<BsonDocument> event) {
        if (table != null && advance(table, event)) {
            send(table, table.emptied(origin(event)));
        }
    }

    private boolean advance(CollectionTable table, ChangeStreamDocument<BsonDocument> event) {
        return cursor.advance(table.topic(), place.text(), time(event));
    }

    private static Instant time(ChangeStreamDocument<BsonDocument> event) {
        return event.getWallTime() == null
                ? Instant.ofEpochSecond(
                        Objects.requireNonNull(event.getClusterTime()).getTime())
                : Instant.ofEpochMilli(event.getWallTime().getValue());
    }

    private CollectionTable.Origin origin(ChangeStreamDocument<BsonDocument> event) {
        return new CollectionTable.Origin(
                cursor.pos(),
                place.text(),
                time(event).truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC),
                event.getTxnNumber() == null || event.getLsid() == null
                        ? place.text()
                        : BsonText.relaxed(event.getLsid().get("id", event.getTxnNumber())) + "-"
                                + event.getTxnNumber().getValue());
    }

    private void send(CollectionTable table, byte[] change) {
        if (!open) {
            beginBatch();
        }
        log.send(table.topic(), change);
        changes++;
        bytes += change.length;
    }

    private void commitWhenFull() {
        if (open && (changes >= batchChanges || bytes >= BATCH_BYTES || System.nanoTime() - begun > BATCH_NANOS)) {
            commitNow();
        }
    }

    private void beginBatch() {
        log.begin();
        open = true;
        begun = System.nanoTime();
    }

    private void commitNow() {
        if (!open) {
            beginBatch();
        }
        log.commit(cursor);
        open = false;
        begun = System.nanoTime();
        int published = changes;
        changes = 0;
        bytes = 0;
        listener.published(cursor.position(), published);
    }
}
