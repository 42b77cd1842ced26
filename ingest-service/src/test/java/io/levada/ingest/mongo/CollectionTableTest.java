package io.levada.ingest.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.MongoClientSettings;
import com.mongodb.client.model.changestream.ChangeStreamDocument;
import io.levada.definition.SourceTable;
import io.levada.ingest.changes.Change;
import io.levada.ingest.changes.ChangeDecoder;
import io.levada.ingest.changes.RegistryOnLoopback;
import io.levada.ingest.changes.SchemaRegistry;
import java.nio.ByteBuffer;
import java.time.OffsetDateTime;
import java.util.Objects;
import java.util.Optional;
import org.apache.iceberg.data.Record;
import org.bson.BsonDocument;
import org.bson.BsonDocumentReader;
import org.bson.codecs.DecoderContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Events as MongoDB's manual prints them (Change Events), from BSON to the change that is published.
class CollectionTableTest {
    private static final String ID = "{$oid: '599af247bb69cd89961c986d'}";
    private static final String COMMON = """
            _id: {_data: '82635019A0000000012B042C0100296E5A1004'}, clusterTime: {$timestamp: {t: 1666193824, i: 1}},
            wallTime: {$date: '2022-10-19T15:37:04.604Z'}, ns: {db: 'engineering', coll: 'users'},
            collectionUUID: {$uuid: '70b9f9d7-4f4b-44e4-9ad7-2da08de48ee5'}, documentKey: {userName: 'alice123', _id: %s},
            """.formatted(ID);
    private static final CollectionTable.Origin ORIGIN =
            new CollectionTable.Origin("0001-1", "at", OffsetDateTime.parse("2022-10-19T15:37:04.604Z"), "tx");

    private static RegistryOnLoopback server;
    private static SchemaRegistry registry;

    private @Nullable BsonDocument held;
    private CollectionTable table;

    @BeforeAll
    static void startRegistry() throws Exception {
        server = new RegistryOnLoopback();
        registry = new SchemaRegistry(server.uri());
    }

    @AfterAll
    static void stopRegistry() {
        registry.close();
        server.close();
    }

    @BeforeEach
    void knowACollection() {
        SourceTable users = new SourceTable("engineering", "users", "users");
        CollectionColumns columns = new CollectionColumns(users, Optional.empty(), _ -> {});
        table = new CollectionTable(users, "users", registry, new DocumentRows(users, columns), _ -> held);
    }

    @Test
    void carriesAnInsert() throws Exception {
        Change change =
                change("insert", "fullDocument: {_id: " + ID + ", userName: 'alice123', name: 'Alice', age: 5}");

        assertThat(change.op()).isEqualTo("c");
        assertThat(row(change).getField("_id")).isEqualTo("599af247bb69cd89961c986d");
        assertThat(row(change).getField("age")).isEqualTo(5L);
        assertThat(change.commitTime()).isEqualTo(ORIGIN.commitTime());
    }

    @Test
    void carriesAReplacementWithoutTheFieldsThatAreGone() throws Exception {
        change("insert", "fullDocument: {_id: " + ID + ", userName: 'alice123', name: 'Alice'}");

        Change change = change("replace", "fullDocument: {_id: " + ID + ", userName: 'alice123'}");

        assertThat(change.op()).isEqualTo("u");
        assertThat(row(change).getField("userName")).isEqualTo("alice123");
        assertThat(row(change).getField("name")).isNull();
        assertThat(change.unchanged()).isEmpty();
    }

    @Test
    void carriesAnUpdateWithTheDocumentThatTheServerLookedUp() throws Exception {
        Change change = change(
                "update",
                "updateDescription: {updatedFields: {email: 'alice@10gen.com'}, removedFields: ['phoneNumber'],"
                        + " truncatedArrays: [{field: 'vacation_time', newSize: 36}]},"
                        + " fullDocument: {_id: " + ID + ", userName: 'alice123', email: 'alice@10gen.com'}");

        assertThat(change.op()).isEqualTo("u");
        assertThat(row(change).getField("email")).isEqualTo("alice@10gen.com");
    }

    @Test
    void looksAnUpdatedDocumentUpWhereTheEventHasNone() throws Exception {
        String update = "updateDescription: {updatedFields: {a: 1}, removedFields: []}";
        held = BsonDocument.parse("{_id: " + ID + ", a: 1, b: 2}");
        assertThat(row(change("update", update)).getField("b")).isEqualTo(2L);

        held = null;
        Change gone = change("update", update);

        assertThat(row(gone).getField("_id")).isEqualTo("599af247bb69cd89961c986d");
        assertThat(gone.unchanged()).containsExactly("a", "b", "_rest");
    }

    @Test
    void carriesADelete() throws Exception {
        Change change = change("delete", "fullDocumentBeforeChange: null");

        assertThat(change.op()).isEqualTo("d");
        assertThat(Objects.requireNonNull(change.before()).getField("_id")).isEqualTo("599af247bb69cd89961c986d");
        assertThat(change.after()).isNull();
    }

    private Change change(String kind, String more) throws Exception {
        BsonDocument event = BsonDocument.parse("{" + COMMON + "operationType: '" + kind + "', " + more + "}");
        ChangeStreamDocument<BsonDocument> decoded = ChangeStreamDocument.createCodec(
                        BsonDocument.class, MongoClientSettings.getDefaultCodecRegistry())
                .decode(new BsonDocumentReader(event), DecoderContext.builder().build());
        byte[] message = table.encode(ORIGIN, kind, decoded);
        return new ChangeDecoder(
                        registry.schema(ByteBuffer.wrap(message, 1, 4).getInt()).orElseThrow())
                .decode(message);
    }

    private static Record row(Change change) {
        return Objects.requireNonNull(change.after());
    }
}
