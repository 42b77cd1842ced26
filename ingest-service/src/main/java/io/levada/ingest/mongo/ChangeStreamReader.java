package io.levada.ingest.mongo;

import com.mongodb.MongoException;
import com.mongodb.client.ChangeStreamIterable;
import com.mongodb.client.MongoChangeStreamCursor;
import com.mongodb.client.model.Aggregates;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.changestream.ChangeStreamDocument;
import com.mongodb.client.model.changestream.FullDocument;
import io.levada.definition.MongoSource;
import io.levada.definition.SourceTable;
import io.levada.ingest.capture.MongoPosition;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;
import org.bson.conversions.Bson;

/// The change stream of one database, from a place on.
final class ChangeStreamReader {
    private static final long AWAIT_MILLIS = 100;
    private static final int BATCH = 1_000;

    private final MongoServer server;
    private final MongoSource source;
    private final MongoPosition from;
    private final FullDocument documents;

    /// @param documents how updated documents are had: as they were, or looked up
    ChangeStreamReader(MongoServer server, MongoSource source, MongoPosition from, FullDocument documents) {
        this.server = server;
        this.source = source;
        this.from = from;
        this.documents = documents;
    }

    /// Opens the stream.
    ///
    /// @throws io.levada.ingest.capture.SourceProblem where the server can or may not send it
    MongoChangeStreamCursor<ChangeStreamDocument<BsonDocument>> open() {
        ChangeStreamIterable<BsonDocument> stream = server.database()
                .watch(pipeline(), BsonDocument.class)
                .fullDocument(documents)
                .maxAwaitTime(AWAIT_MILLIS, TimeUnit.MILLISECONDS)
                .batchSize(BATCH);
        String token = from.token();
        try {
            return token == null
                    ? stream.startAtOperationTime(new BsonTimestamp(from.time() + 1))
                            .cursor()
                    : stream.startAfter(ResumeToken.document(token)).cursor();
        } catch (MongoException e) {
            throw MongoProblems.of(source, from, e);
        }
    }

    /// Only what concerns the source's collections is sent; and what ends a stream.
    private List<Bson> pipeline() {
        List<String> names = source.tables().stream().map(SourceTable::table).toList();
        return List.of(Aggregates.match(Filters.or(
                Filters.in("ns.coll", names),
                Filters.in("to.coll", names),
                Filters.in("operationType", "dropDatabase", "invalidate"))));
    }

    /// Reads until it is to end, or the stream does.
    ///
    /// @param calling whether it is to end: asked after every event, and several times a second
    void run(MongoPublisher publisher, BooleanSupplier calling) {
        try (MongoChangeStreamCursor<ChangeStreamDocument<BsonDocument>> cursor = open()) {
            boolean open = true;
            while (open && !calling.getAsBoolean()) {
                ChangeStreamDocument<BsonDocument> event = cursor.tryNext();
                if (event == null) {
                    publisher.idle(cursor.getResumeToken());
                    open = cursor.getServerCursor() != null;
                } else {
                    open = publisher.onEvent(event);
                }
            }
        } catch (MongoException e) {
            throw MongoProblems.of(source, from, e);
        }
    }
}
