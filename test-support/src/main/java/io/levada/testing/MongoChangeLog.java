package io.levada.testing;

import de.bwaldvogel.mongo.backend.Cursor;
import de.bwaldvogel.mongo.backend.aggregation.Aggregation;
import de.bwaldvogel.mongo.bson.BsonTimestamp;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.oplog.Oplog;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A log of changes in memory, with events as MongoDB's manual prints them. Tokens sort as the events do, and begin
/// with the time.
final class MongoChangeLog implements Oplog {
    private static final int HISTORY_LOST = 286;

    private record Entry(String token, String database, Document event) {}

    /// @param token after which a stream goes on
    record Place(String token) {}

    /// @param end where the stream goes on, the last event or the end of the log
    record Batch(List<Document> events, Place end, boolean invalidated) {}

    private final List<Entry> entries = new ArrayList<>();
    private long time = Instant.now().getEpochSecond() << 32;
    private int inTime;
    private boolean together;
    private String forgotten = "";

    synchronized long lastTime() {
        return time;
    }

    void inTransaction(Runnable writes) {
        synchronized (this) {
            time++;
            inTime = 0;
            together = true;
        }
        writes.run();
        synchronized (this) {
            together = false;
            notifyAll();
        }
    }

    synchronized void forget() {
        time++;
        forgotten = token(time, 0);
        entries.clear();
    }

    private static String token(long time, int number) {
        return "82%016X%08X".formatted(time, number);
    }

    synchronized void add(String database, String operation, Document more) {
        if (!together) {
            time++;
            inTime = 0;
        }
        inTime++;
        String token = token(time, inTime);
        Document event = new Document("_id", new Document("_data", token))
                .append("operationType", operation)
                .append("clusterTime", new BsonTimestamp(time))
                .append("wallTime", Instant.now());
        if (together) {
            event.append("txnNumber", 1L).append("lsid", new Document("id", "s"));
        }
        more.forEach(event::append);
        entries.add(new Entry(token, database, event));
        notifyAll();
    }

    synchronized Place place(Document options) {
        Document after = (Document) options.getOrDefault("startAfter", options.get("resumeAfter"));
        String token = after != null
                ? MongoReplicaSet.field(after, "_data", String.class)
                : options.get("startAtOperationTime") instanceof BsonTimestamp at ? token(at.getValue(), 0) : end();
        if (token.compareTo(forgotten) < 0) {
            throw new MongoServerError(
                    HISTORY_LOST,
                    "ChangeStreamHistoryLost",
                    "Resume of change stream was not possible, as the resume point may no longer be in the oplog.");
        }
        return new Place(token);
    }

    private String end() {
        return token(time, 0);
    }

    /// Waits for events where there are none; those of a transaction come once it is over.
    synchronized Batch after(Place place, String database, int most, long waitMillis) {
        long deadline = System.nanoTime() + waitMillis * 1_000_000;
        List<Entry> found = next(place, database);
        while (found.isEmpty() && System.nanoTime() < deadline) {
            try {
                wait(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
            found = next(place, database);
        }
        List<Entry> batch = found.subList(0, Math.min(most, found.size()));
        String last = batch.isEmpty() ? place.token() : batch.getLast().token();
        boolean all = batch.size() == found.size() && !together;
        String end = all && end().compareTo(last) > 0 ? end() : last;
        return new Batch(
                batch.stream().map(Entry::event).toList(),
                new Place(end),
                !batch.isEmpty() && "invalidate".equals(batch.getLast().event().get("operationType")));
    }

    private List<Entry> next(Place place, String database) {
        if (together) {
            return List.of();
        }
        List<Entry> found = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry.database().equals(database) && entry.token().compareTo(place.token()) > 0) {
                found.add(entry);
                if ("invalidate".equals(entry.event().get("operationType"))) {
                    break;
                }
            }
        }
        return found;
    }

    private void row(String namespace, String operation, Object id, @Nullable Document document) {
        Document more = namespace(namespace).append("documentKey", new Document("_id", id));
        add(database(namespace), operation, document == null ? more : more.append("fullDocument", document));
    }

    private static String database(String namespace) {
        return namespace.substring(0, namespace.indexOf('.'));
    }

    private static Document namespace(String namespace) {
        return new Document("ns", names(namespace));
    }

    private static Document names(String namespace) {
        return new Document("db", database(namespace)).append("coll", namespace.substring(namespace.indexOf('.') + 1));
    }

    @Override
    public void handleInsert(String namespace, List<Document> documents) {
        documents.forEach(document ->
                row(namespace, "insert", MongoReplicaSet.field(document, "_id", Object.class), document.cloneDeeply()));
    }

    @Override
    public void handleUpdate(String namespace, Document selector, Document query, List<Object> modifiedIds) {
        boolean update = query.keySet().iterator().next().startsWith("$");
        modifiedIds.forEach(id -> {
            Document replacement = update ? null : new Document("_id", id);
            if (replacement != null) {
                query.forEach(replacement::append);
            }
            row(namespace, update ? "update" : "replace", id, replacement);
        });
    }

    @Override
    public void handleDelete(String namespace, Document query, List<Object> deletedIds) {
        deletedIds.forEach(id -> row(namespace, "delete", id, null));
    }

    @Override
    public void handleDropCollection(String namespace) {
        add(database(namespace), "drop", namespace(namespace));
    }

    void renamed(String from, String to) {
        add(database(from), "rename", namespace(from).append("to", names(to)));
    }

    @Override
    public Cursor createCursor(Document changeStreamDocument, String namespace, Aggregation aggregation) {
        throw new UnsupportedOperationException(
                "Streams are opened by " + MongoReplicaSet.class.getSimpleName() + namespace.toLowerCase(Locale.ROOT));
    }
}
