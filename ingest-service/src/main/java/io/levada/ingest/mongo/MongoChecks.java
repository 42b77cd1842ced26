package io.levada.ingest.mongo;

import com.mongodb.MongoException;
import com.mongodb.client.model.changestream.FullDocument;
import io.levada.definition.ColumnRule;
import io.levada.definition.MongoSource;
import io.levada.definition.SourceTable;
import io.levada.ingest.IngestError;
import io.levada.ingest.capture.LogPosition;
import io.levada.ingest.capture.MongoPosition;
import io.levada.ingest.capture.SourceProblem;
import java.util.Collection;
import java.util.Map;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.jspecify.annotations.Nullable;

/// What a deployment and its collections must fulfil before they are captured.
final class MongoChecks {
    /// MongoDB 4.4.
    private static final int LEAST_WIRE_VERSION = 9;

    /// MongoDB 6.0, the first one that can keep documents as they were.
    private static final int WIRE_VERSION_WITH_POST_IMAGES = 17;

    private static final LogPosition NOWHERE = MongoPosition.after(0);

    private final MongoSource source;

    MongoChecks(MongoSource source) {
        this.source = source;
    }

    /// What there is.
    ///
    /// @param collections descriptions by name
    record Found(int wireVersion, Map<String, BsonDocument> collections) {}

    /// @throws SourceProblem with what mends it
    Found server(MongoServer server) {
        try {
            BsonDocument hello = server.hello();
            int version = hello.getNumber("maxWireVersion", new BsonInt32(0)).intValue();
            if (version < LEAST_WIRE_VERSION) {
                throw new SourceProblem(
                        IngestError.CAPTURE_SERVER_TOO_OLD,
                        "The server of source " + source.name() + " is older than MongoDB 4.4",
                        "Upgrade it to MongoDB 4.4 or later; 6.0 or later is better");
            }
            boolean replicaSet = hello.isString("setName");
            boolean sharded =
                    hello.getString("msg", new BsonString("")).getValue().equals("isdbgrid");
            if (!replicaSet && !sharded) {
                throw MongoProblems.noReplicaSet(source);
            }
            return new Found(version, server.collections());
        } catch (MongoException e) {
            throw MongoProblems.of(source, NOWHERE, e);
        }
    }

    /// @param known whether the collection was captured before: then it may have been dropped meanwhile
    /// @throws SourceProblem where the collection can not be captured faithfully
    void collection(Found found, SourceTable table, boolean known) {
        BsonDocument collection = found.collections().get(table.table());
        if (collection == null && !known) {
            throw new SourceProblem(
                    IngestError.CAPTURE_UNKNOWN_TABLE,
                    "Database " + source.database() + " of source " + source.name() + " has no collection "
                            + table.table()
                            + (source.user().isEmpty() ? "" : " that user '" + source.user() + "' may read"),
                    "Create it, grant the role read, or take it out of sources." + source.name()
                            + ".tables in levada.yaml; then ./levada source resume " + source.name());
        }
        String type = collection == null
                ? "collection"
                : collection.getString("type", new BsonString("collection")).getValue();
        if (!type.equals("collection")) {
            throw new SourceProblem(
                    IngestError.CAPTURE_TYPE_UNSUPPORTED,
                    table.qualifiedName() + " of source " + source.name() + " is a " + type
                            + ": change streams have only collections",
                    "Name the collection that is behind it");
        }
        rules(table);
    }

    private void rules(SourceTable table) {
        for (Map.Entry<String, ColumnRule> rule : table.rules().byColumn().entrySet()) {
            String field = rule.getKey();
            boolean key = field.equals(CollectionForm.ID);
            if (key && rule.getValue() != ColumnRule.HASH) {
                throw refusedRule(table, field, "would take the key's values away", IngestError.CAPTURE_RULED_KEY);
            }
            if (!key && rule.getValue() != ColumnRule.DROP && !CollectionForm.canBeColumn(field)
                    || field.indexOf('.') >= 0) {
                throw refusedRule(
                        table,
                        field,
                        "names none that can be a column: rules are of whole fields of the document, not of what lies within"
                                + " them",
                        IngestError.CAPTURE_RULED_COLUMN_MISSING);
            }
        }
    }

    private SourceProblem refusedRule(SourceTable table, String field, String why, IngestError code) {
        return new SourceProblem(
                code,
                "Collection " + table.qualifiedName() + " of source " + source.name() + ": the rule of field " + field
                        + " " + why,
                "Correct sources." + source.name() + ".columns in levada.yaml and start again");
    }

    /// How updated documents are had: as they were after the update, where all collections keep that; else looked up.
    static FullDocument documents(Found found, Collection<SourceTable> tables) {
        boolean kept = found.wireVersion() >= WIRE_VERSION_WITH_POST_IMAGES
                && tables.stream()
                        .allMatch(table -> keepsImages(found.collections().get(table.table())));
        return kept ? FullDocument.WHEN_AVAILABLE : FullDocument.UPDATE_LOOKUP;
    }

    private static boolean keepsImages(@Nullable BsonDocument collection) {
        return collection != null
                && collection
                        .getDocument("options", new BsonDocument())
                        .getDocument("changeStreamPreAndPostImages", new BsonDocument())
                        .getBoolean("enabled", BsonBoolean.FALSE)
                        .getValue();
    }
}
