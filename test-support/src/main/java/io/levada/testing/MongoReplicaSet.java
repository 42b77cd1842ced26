package io.levada.testing;

import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.bson.BsonTimestamp;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.oplog.Oplog;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The one member of a replica set: documents as mongo-java-server keeps them, change streams from [MongoChangeLog].
final class MongoReplicaSet extends MemoryBackend {
    private static final int NO_REPLICA_SET = 40573;
    private static final int DEFAULT_BATCH = 101;

    /// MongoDB 5.0's.
    private static final int WIRE_VERSION = 13;

    private record Stream(String database, boolean looksUp) {}

    private final MongoChangeLog log = new MongoChangeLog();
    private final Map<Long, Stream> streams = new ConcurrentHashMap<>();
    private final Map<Long, MongoChangeLog.Place> places = new ConcurrentHashMap<>();
    private final AtomicLong lastCursor = new AtomicLong(1L << 40);
    private volatile boolean standalone;

    MongoChangeLog log() {
        return log;
    }

    void standalone(boolean alone) {
        standalone = alone;
    }

    @Override
    protected Oplog createOplog() {
        return log;
    }

    @Override
    public Document handleCommand(Channel channel, String database, String command, Document query) {
        return switch (command.toLowerCase(Locale.ROOT)) {
            case "hello", "ismaster" -> hello(super.handleCommand(channel, database, "ismaster", query));
            case "ping" ->
                super.handleCommand(channel, database, command, query)
                        .append("operationTime", new BsonTimestamp(log.lastTime()));
            case "aggregate" -> {
                Document stage = first(query);
                yield stage != null && stage.containsKey("$changeStream")
                        ? open(database, field(stage, "$changeStream", Document.class), query)
                        : super.handleCommand(channel, database, command, query);
            }
            case "getmore" -> {
                long cursor = field(query, command, Number.class).longValue();
                yield streams.containsKey(cursor)
                        ? more(cursor, query)
                        : super.handleCommand(channel, database, command, query);
            }
            case "killcursors" -> {
                field(query, "cursors", List.class).forEach(cursor -> streams.remove(((Number) cursor).longValue()));
                yield super.handleCommand(channel, database, command, query);
            }
            case "find" -> super.handleCommand(channel, database, command, bounded(query));
            case "dropdatabase" -> {
                Document answer = super.handleCommand(channel, database, command, query);
                log.add(database, "dropDatabase", new Document());
                log.add(database, "invalidate", new Document());
                yield answer;
            }
            case "renamecollection" -> {
                Document answer = super.handleCommand(channel, database, command, query);
                log.renamed(field(query, command, String.class), field(query, "to", String.class));
                yield answer;
            }
            default -> super.handleCommand(channel, database, command, query);
        };
    }

    /// A field that is there.
    static <T> T field(Document document, String name, Class<T> type) {
        return type.cast(Objects.requireNonNull(document.get(name)));
    }

    private Document hello(Document answer) {
        if (!standalone) {
            answer.append("setName", "rs0")
                    .append("hosts", List.of("127.0.0.1"))
                    .append("isWritablePrimary", true)
                    .append("secondary", false);
        }
        return answer.append("logicalSessionTimeoutMinutes", 30).append("maxWireVersion", WIRE_VERSION);
    }

    private static @Nullable Document first(Document aggregate) {
        List<?> pipeline = field(aggregate, "pipeline", List.class);
        return pipeline.isEmpty() ? null : (Document) pipeline.getFirst();
    }

    private Document open(String database, Document options, Document query) {
        if (standalone) {
            throw new MongoServerError(NO_REPLICA_SET, "The $changeStream stage is only supported on replica sets");
        }
        long cursor = lastCursor.incrementAndGet();
        MongoChangeLog.Place place = log.place(options);
        streams.put(cursor, new Stream(database, "updateLookup".equals(options.get("fullDocument"))));
        places.put(cursor, place);
        return answer(cursor, "firstBatch", 0, batchSize(field(query, "cursor", Document.class)));
    }

    private Document more(long cursor, Document query) {
        return answer(cursor, "nextBatch", ((Number) query.getOrDefault("maxTimeMS", 0)).longValue(), batchSize(query));
    }

    private static int batchSize(Document from) {
        int size = ((Number) from.getOrDefault("batchSize", DEFAULT_BATCH)).intValue();
        return size == 0 ? DEFAULT_BATCH : size;
    }

    private Document answer(long cursor, String batch, long waitMillis, int most) {
        Stream stream = Objects.requireNonNull(streams.get(cursor));
        MongoChangeLog.Batch found =
                log.after(Objects.requireNonNull(places.get(cursor)), stream.database(), most, waitMillis);
        places.put(cursor, found.end());
        List<Document> events = new ArrayList<>();
        for (Document event : found.events()) {
            boolean look = stream.looksUp() && "update".equals(event.get("operationType"));
            events.add(look ? event.clone().append("fullDocument", find(event).orElse(null)) : event);
        }
        boolean over = found.invalidated();
        if (over) {
            streams.remove(cursor);
        }
        Document answer = new Document(
                "cursor",
                new Document("id", over ? 0L : cursor)
                        .append("ns", stream.database() + ".$cmd.aggregate")
                        .append(batch, events)
                        .append(
                                "postBatchResumeToken",
                                new Document("_data", found.end().token())));
        return answer.append("operationTime", new BsonTimestamp(log.lastTime())).append("ok", 1.0);
    }

    /// As it is now: what an update's event looks up may be newer than the update.
    private Optional<Document> find(Document event) {
        Document namespace = field(event, "ns", Document.class);
        Object id = field(field(event, "documentKey", Document.class), "_id", Object.class);
        return Optional.ofNullable(resolveDatabase(field(namespace, "db", String.class))
                        .resolveCollection(field(namespace, "coll", String.class), false))
                .flatMap(collection -> collection
                        .queryAllAsStream()
                        .filter(document -> id.equals(document.get("_id")))
                        .findFirst());
    }

    /// mongo-java-server knows no `min` and `max`; comparing in expressions is the same.
    private static Document bounded(Document query) {
        List<Document> bounds = new ArrayList<>();
        bound(query, "min", "$gte").ifPresent(bounds::add);
        bound(query, "max", "$lt").ifPresent(bounds::add);
        return bounds.isEmpty()
                ? query
                : query.clone().append("filter", new Document("$expr", new Document("$and", bounds)));
    }

    private static Optional<Document> bound(Document query, String bound, String comparison) {
        return Optional.ofNullable((Document) query.get(bound))
                .filter(value -> !value.isEmpty())
                .map(value -> new Document(comparison, List.of("$_id", new Document("$literal", value.get("_id")))));
    }
}
