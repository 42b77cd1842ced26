package io.levada.ingest.mongo;

import com.mongodb.MongoException;
import io.levada.definition.MongoSource;
import io.levada.ingest.IngestError;
import io.levada.ingest.capture.LogPosition;
import io.levada.ingest.capture.SourceProblem;

/// What a server's errors mean to capture.
final class MongoProblems {
    private static final int UNAUTHORIZED = 13;
    private static final int INVALID_RESUME_TOKEN = 260;
    private static final int CHANGE_STREAM_FATAL = 280;
    private static final int CHANGE_STREAM_HISTORY_LOST = 286;
    private static final int DOCUMENT_TOO_LARGE = 10334;
    private static final int NO_REPLICA_SET = 40573;

    private MongoProblems() {}

    /// @return a problem that only an operator can mend, or the error itself, which is tried again
    static RuntimeException of(MongoSource source, LogPosition from, MongoException e) {
        return switch (e.getCode()) {
            case UNAUTHORIZED -> unauthorized(source, e);
            case NO_REPLICA_SET -> noReplicaSet(source);
            case INVALID_RESUME_TOKEN, CHANGE_STREAM_FATAL, CHANGE_STREAM_HISTORY_LOST ->
                new SourceProblem(
                        IngestError.CAPTURE_OPLOG_LOST,
                        "The oplog of source " + source.name() + " does not hold what follows " + from.text()
                                + " (error " + e.getCode() + ": " + e.getMessage() + "): changes are missing",
                        repair(source));
            case DOCUMENT_TOO_LARGE ->
                new SourceProblem(
                        IngestError.CAPTURE_STREAM_UNREADABLE,
                        "Source " + source.name() + " has a change after " + from.text()
                                + " that is larger than the 16 MB that a change stream sends",
                        "Make the document smaller, then " + repair(source));
            default -> e;
        };
    }

    static SourceProblem unauthorized(MongoSource source, MongoException e) {
        return new SourceProblem(
                IngestError.CAPTURE_NO_REPLICATION,
                "Source " + source.name() + ": user '" + source.user() + "' may not read database " + source.database()
                        + " or its change stream: " + e.getMessage(),
                "Run db.grantRolesToUser('" + source.user() + "', [{role: 'read', db: '" + source.database() + "'}])");
    }

    static SourceProblem noReplicaSet(MongoSource source) {
        return new SourceProblem(
                IngestError.CAPTURE_NO_REPLICA_SET,
                "The server of source " + source.name()
                        + " is not a member of a replica set: it has no log of its changes",
                "Start mongod with --replSet rs0 and run rs.initiate() once; one member is enough");
    }

    /// What an operator does where log is lost.
    static String repair(MongoSource source) {
        return "./levada source repair " + source.name()
                + " begins anew at the end of the log and loads all its collections";
    }
}
