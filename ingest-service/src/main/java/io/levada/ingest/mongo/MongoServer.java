package io.levada.ingest.mongo;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.MongoCommandException;
import com.mongodb.MongoCredential;
import com.mongodb.ReadConcern;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Sorts;
import io.levada.definition.MongoSource;
import io.levada.definition.SourceTable;
import io.levada.ingest.capture.MongoPosition;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.UuidRepresentation;

/// The connections to one MongoDB deployment, and what capture asks of it. Safe for use by several threads.
final class MongoServer implements AutoCloseable {
    private static final int TIMEOUT_SECONDS = 10;
    private static final int SAMPLE = 500;

    /// Of one step of a load, where the server does not say how large they are.
    private static final long STEP_DOCUMENTS = 100_000;
    private static final Pattern AUTH_SOURCE = Pattern.compile("[?&]authSource=([^&]+)", Pattern.CASE_INSENSITIVE);

    private final MongoClient client;
    private final MongoDatabase database;

    private MongoServer(MongoSource source) {
        this.client = MongoClients.create(settings(source));
        this.database = client.getDatabase(source.database()).withReadConcern(ReadConcern.MAJORITY);
    }

    /// Nothing is asked yet.
    static MongoServer of(MongoSource source) {
        return new MongoServer(source);
    }

    private static MongoClientSettings settings(MongoSource source) {
        MongoClientSettings.Builder settings = MongoClientSettings.builder()
                .applyConnectionString(new ConnectionString(source.url()))
                .applicationName("levada")
                .uuidRepresentation(UuidRepresentation.STANDARD)
                .applyToClusterSettings(cluster -> cluster.serverSelectionTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS))
                .applyToSocketSettings(socket -> socket.connectTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS));
        if (!source.user().isEmpty()) {
            settings.credential(MongoCredential.createCredential(
                    source.user(), authSource(source), source.password().value().toCharArray()));
        }
        return settings.build();
    }

    /// As connection strings have it: the option, or the database.
    private static String authSource(MongoSource source) {
        Matcher option = AUTH_SOURCE.matcher(source.url());
        return option.find() ? URLDecoder.decode(option.group(1), StandardCharsets.UTF_8) : source.database();
    }

    MongoClient client() {
        return client;
    }

    MongoDatabase database() {
        return database;
    }

    MongoCollection<BsonDocument> collection(SourceTable table) {
        return database.getCollection(table.table(), BsonDocument.class);
    }

    BsonDocument hello() {
        return database.runCommand(new BsonDocument("hello", new BsonInt32(1)), BsonDocument.class);
    }

    /// The time up to which the deployment has written: what is read later holds all of it.
    MongoPosition end() {
        BsonDocument answer = database.runCommand(new BsonDocument("ping", new BsonInt32(1)), BsonDocument.class);
        return MongoPosition.after(answer.getTimestamp("operationTime").getValue());
    }

    /// Descriptions of the database's collections, by name.
    Map<String, BsonDocument> collections() {
        Map<String, BsonDocument> collections = new HashMap<>();
        database.listCollections(BsonDocument.class)
                .forEach(collection -> collections.put(
                        collection.getString("name", new BsonString("")).getValue(), collection));
        return collections;
    }

    /// How many documents of a collection have so many bytes, as the server keeps them on average.
    long documentsOf(SourceTable table, long bytes) {
        try {
            BsonDocument statistics = database.runCommand(
                    new BsonDocument("collStats", new BsonString(table.table())), BsonDocument.class);
            long average = statistics.getNumber("avgObjSize", new BsonInt32(0)).longValue();
            return average > 0 ? Math.max(1, bytes / average) : STEP_DOCUMENTS;
        } catch (MongoCommandException _) {
            return STEP_DOCUMENTS;
        }
    }

    /// Some of the oldest and of the newest documents.
    List<BsonDocument> sample(SourceTable table) {
        List<BsonDocument> documents = new ArrayList<>();
        collection(table)
                .find()
                .sort(Sorts.ascending(CollectionForm.ID))
                .limit(SAMPLE)
                .into(documents);
        if (documents.size() == SAMPLE) {
            collection(table)
                    .find()
                    .sort(Sorts.descending(CollectionForm.ID))
                    .limit(SAMPLE)
                    .into(documents);
        }
        return documents;
    }

    @Override
    public void close() {
        client.close();
    }
}
