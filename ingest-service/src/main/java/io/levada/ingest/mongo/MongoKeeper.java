package io.levada.ingest.mongo;

import com.mongodb.MongoException;
import com.mongodb.client.MongoChangeStreamCursor;
import com.mongodb.client.model.changestream.ChangeStreamDocument;
import com.mongodb.client.model.changestream.FullDocument;
import io.levada.definition.MongoSource;
import io.levada.ingest.IngestError;
import io.levada.ingest.capture.CapturePosition;
import io.levada.ingest.capture.LogKeeper;
import io.levada.ingest.capture.LogPosition;
import io.levada.ingest.capture.MongoPosition;
import io.levada.ingest.capture.SourceProblem;
import java.sql.SQLException;
import org.bson.BsonDocument;

/// A deployment keeps nothing for those who read its change streams: there is nothing to make and nothing to remove.
final class MongoKeeper implements LogKeeper {
    private final MongoSource source;

    MongoKeeper(MongoSource source) {
        this.source = source;
    }

    @Override
    public LogPosition beginAnew(CapturePosition stored, boolean force) throws SQLException {
        try (MongoServer server = MongoServer.of(source)) {
            if (!force && isReadable(server, (MongoPosition) stored.committed())) {
                throw new SourceProblem(
                        IngestError.CAPTURE_OPLOG_HEALTHY,
                        "The oplog of source " + source.name() + " still holds all that is needed",
                        "./levada reload " + source.name()
                                + " TABLE loads one collection again; --force repairs all the same");
            }
            return server.end();
        } catch (MongoException e) {
            throw new SQLException(e.getMessage(), e);
        }
    }

    private boolean isReadable(MongoServer server, MongoPosition from) {
        try (MongoChangeStreamCursor<ChangeStreamDocument<BsonDocument>> _ =
                new ChangeStreamReader(server, source, from, FullDocument.DEFAULT).open()) {
            return true;
        } catch (SourceProblem problem) {
            if (problem.code() == IngestError.CAPTURE_OPLOG_LOST) {
                return false;
            }
            throw problem;
        }
    }

    @Override
    public String remove() {
        return "The server of source " + source.name() + " keeps nothing for it: nothing had to be removed";
    }
}
