package io.levada.ingest.mongo;

import com.mongodb.ClientSessionOptions;
import com.mongodb.client.ClientSession;
import com.mongodb.client.FindIterable;
import io.levada.definition.MongoSource;
import io.levada.definition.SourceTable;
import io.levada.events.LoadChunk;
import io.levada.ingest.capture.ChunkRows;
import io.levada.ingest.capture.LoadFiles;
import io.levada.ingest.capture.LoadOrigin;
import io.levada.ingest.capture.LoadedChunk;
import io.levada.ingest.capture.LoadedSteps;
import io.levada.ingest.capture.MongoPosition;
import io.levada.ingest.capture.TableShape;
import java.sql.SQLException;
import java.time.Instant;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;

/// Reads the steps of one collection's load into files. Safe for use by several threads.
final class CollectionRead {
    private static final int BATCH = 2_000;

    private final MongoSource source;
    private final MongoServer server;
    private final SourceTable table;
    private final CollectionColumns columns;
    private final CollectionSteps steps;
    private final LoadFiles files;

    CollectionRead(
            MongoSource source,
            MongoServer server,
            SourceTable table,
            CollectionColumns columns,
            CollectionSteps steps,
            LoadFiles files) {
        this.source = source;
        this.server = server;
        this.table = table;
        this.columns = columns;
        this.steps = steps;
        this.files = files;
    }

    /// @param pos of its rows
    /// @param seen what it holds at least
    void step(int step, String pos, MongoPosition seen, LoadedSteps load) throws SQLException, InterruptedException {
        LoadChunk chunk = load.chunk(step, pos);
        LoadOrigin origin = new LoadOrigin(source.name(), chunk, seen.text(), Instant.now());
        CollectionForm form = columns.known().form();
        LoadedChunk loaded;
        try (ClientSession session = session(seen)) {
            loaded = files.write(source, table, shape(form), origin, (target, quarantine, clock) -> {
                try (ChunkRows rows = new ChunkRows(target, quarantine, clock, origin, load::rowsRead)) {
                    return new CollectionCopy(
                                    new DocumentRows(table, columns),
                                    form,
                                    wider -> files.target(source, table, shape(wider)))
                            .copy(documents(session, step), rows);
                }
            });
        }
        load.read(chunk, loaded);
    }

    private FindIterable<BsonDocument> documents(ClientSession session, int step) {
        FindIterable<BsonDocument> all =
                server.collection(table).find(session, BsonDocument.class).batchSize(BATCH);
        return steps.within(all, step);
    }

    /// What is read holds at least all that the stream has brought, whichever member answers.
    private ClientSession session(MongoPosition seen) {
        ClientSession session = server.client()
                .startSession(
                        ClientSessionOptions.builder().causallyConsistent(true).build());
        session.advanceOperationTime(new BsonTimestamp(seen.time()));
        return session;
    }

    private static TableShape shape(CollectionForm form) {
        return new TableShape(
                form.lakeColumns().stream()
                        .map(column -> new TableShape.Column(column.name(), "", column.type()))
                        .toList(),
                CollectionForm.KEY,
                false);
    }
}
