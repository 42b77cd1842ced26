package io.levada.ingest.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.RenameCollectionOptions;
import com.mongodb.client.model.Updates;
import io.levada.definition.LoadSettings;
import io.levada.definition.MongoSource;
import io.levada.definition.Secret;
import io.levada.definition.SourceTable;
import io.levada.events.LoadChunk;
import io.levada.ingest.capture.CaptureKafka;
import io.levada.ingest.capture.CapturePosition;
import io.levada.ingest.capture.CopiedFiles;
import io.levada.ingest.capture.MongoPosition;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.capture.SourceOrder;
import io.levada.ingest.capture.StopCause;
import io.levada.ingest.changes.Change;
import io.levada.testing.EmbeddedMongoServer;
import io.levada.testing.Eventually;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.iceberg.data.Record;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Capture over MongoDB's wire protocol and a real Kafka. The server is not MongoDB: see [EmbeddedMongoServer].
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MongoCaptureIT {
    private static final Duration SOON = Eventually.PATIENCE;

    private EmbeddedMongoServer mongo;
    private MongoClient client;
    private CaptureKafka kafka;
    private Path lake;
    private CopiedFiles loads;
    private int sources;

    @BeforeAll
    void startServers(@TempDir Path directory) throws Exception {
        mongo = EmbeddedMongoServer.start();
        client = MongoClients.create(mongo.url("test"));
        kafka = CaptureKafka.start(directory.resolve("kafka"));
        lake = directory.resolve("lake");
        loads = new CopiedFiles(lake);
    }

    @AfterEach
    void closeCaptures() {
        kafka.closeCaptures();
    }

    @AfterAll
    void stopServers() {
        kafka.close();
        client.close();
        mongo.close();
    }

    @Test
    void loadsACollectionAndPublishesWhatChangesAfterwards() throws Exception {
        MongoSource source = source("t");
        MongoCollection<BsonDocument> t = collection(source, "t");
        t.insertMany(List.of(document("{_id: 1, name: 'a'}"), document("{_id: 2, name: 'b', n: 1}")));
        awaitLoad(capture(source));

        t.insertOne(document("{_id: 3, name: 'c', at: {$date: '2026-11-21T12:00:00Z'}, name2: {x: 1}}"));
        t.updateOne(Filters.eq("_id", 2), Updates.set("name", "bb"));
        t.replaceOne(Filters.eq("_id", 3), document("{_id: 3, name: 5}"));
        t.deleteOne(Filters.eq("_id", 1));
        t.drop();
        t.insertOne(document("{_id: 9, name: 'i'}"));

        List<Change> changes = kafka.awaitChanges(source, "t", 6);
        assertThat(loads.rows("raw." + source.name() + "_t"))
                .extracting(row -> row.getField("_id") + " " + row.getField("name") + " " + row.getField("_op"))
                .containsExactly("1 a r", "2 b r");
        assertThat(changes).extracting(Change::op).containsExactly("c", "u", "u", "d", "t", "c");
        assertThat(changes)
                .extracting(Change::pos)
                .isEqualTo(IntStream.rangeClosed(1, 6)
                        .mapToObj(sequence -> CapturePosition.pos(1, sequence))
                        .toList());
        assertThat(row(changes.getFirst()).getField("at")).hasToString("2026-11-21T12:00Z");
        assertThat(row(changes.getFirst()).getField("name2")).isEqualTo("{\"x\": 1}");
        assertThat(row(changes.get(2)).getField("_rest")).isEqualTo("{\"name\": {\"$numberInt\": \"5\"}}");
        assertThat(Objects.requireNonNull(changes.get(3).before()).getField("_id"))
                .isEqualTo("1");
        assertThat(changes).extracting(Change::tx).doesNotHaveDuplicates();
    }

    /// An update whose document is gone when it is looked up says so: what it did not see is not NULL.
    @Test
    void publishesAnUpdateOfADocumentThatIsGone() throws Exception {
        MongoSource source = source("t");
        MongoCollection<BsonDocument> t = collection(source, "t");
        t.insertOne(document("{_id: 1, name: 'a'}"));
        awaitLoad(capture(source));
        mongo.inTransaction(() -> {
            t.updateOne(Filters.eq("_id", 1), Updates.set("name", "b"));
            t.deleteOne(Filters.eq("_id", 1));
        });

        List<Change> changes = kafka.awaitChanges(source, "t", 2);

        assertThat(changes).extracting(Change::op).containsExactly("u", "d");
        assertThat(changes.getFirst().unchanged()).containsExactly("name", "_rest");
        assertThat(row(changes.getFirst()).getField("_id")).isEqualTo("1");
        assertThat(changes.getFirst().tx()).isEqualTo(changes.get(1).tx());
    }

    @Test
    void continuesInsideATransactionOfManyDocuments() throws Exception {
        int documents = 5_000;
        MongoSource source = source("t");
        MongoCollection<BsonDocument> t = collection(source, "t");
        t.insertOne(document("{_id: 0, text: ''}"));
        MongoCapture inSmallBatches = new MongoCapture(source, kafka.registry(), loads, 1_000, 100);
        awaitLoad(kafka.captureNow(inSmallBatches));
        mongo.inTransaction(() -> t.insertMany(IntStream.rangeClosed(1, documents)
                .mapToObj(id -> new BsonDocument("_id", new BsonInt32(id)).append("text", new BsonString("x" + id)))
                .toList()));

        int inside = 0;
        for (int successor = 0; successor < 2; successor++) {
            int least = 500 + successor * 1_500;
            Eventually.within(SOON, () -> kafka.end(source, "t"), end -> end >= least);
            kafka.closeCaptures();
            MongoPosition stored = (MongoPosition) kafka.storedPosition(source).committed();
            inside += !stored.whole() && stored.changes() < documents ? 1 : 0;
            kafka.captureNow(inSmallBatches);
        }

        assertThat(inside).as("restarts inside the transaction").isPositive();
        assertThat(kafka.awaitChanges(source, "t", documents))
                .extracting(change -> row(change).getField("_id"))
                .isEqualTo(IntStream.rangeClosed(1, documents)
                        .mapToObj(String::valueOf)
                        .toList());
    }

    /// A load has no snapshot: documents change between its steps, and between a step's read and its offer. The rows
    /// and the changes together must give what the collection holds, and a load that was cut off goes on.
    @Test
    void convergesThoughDocumentsChangeWhileTheyAreLoaded() throws Exception {
        MongoSource source = source("t");
        MongoCollection<BsonDocument> t = collection(source, "t");
        t.insertMany(Stream.concat(
                        IntStream.range(0, 60).mapToObj(id -> document("{_id: " + id + ", v: 0}")),
                        IntStream.range(0, 60).mapToObj(id -> document("{_id: 's" + id + "', v: 0}")))
                .toList());
        List<LoadChunk> offered = new ArrayList<>();
        CopiedFiles interleaved = new CopiedFiles(lake) {
            private boolean cut;
            private int turn;

            @Override
            public void beforeRead(int step) {
                turn++;
                t.updateOne(Filters.eq("_id", step), Updates.set("v", 1));
                t.updateOne(Filters.eq("_id", "s" + step), Updates.set("v", 1));
                t.deleteOne(Filters.eq("_id", 20 + turn));
                t.insertOne(document("{_id: " + (1000 + turn) + ", v: 1, fresh: true}"));
            }

            @Override
            public void afterRead(int step) {
                t.updateOne(Filters.eq("_id", 10 + step), Updates.set("v", 2));
                t.deleteOne(Filters.eq("_id", "s" + (20 + turn)));
                t.deleteOne(Filters.eq("_id", 30 + turn));
                t.insertOne(document("{_id: " + (30 + turn) + ", v: 'again'}"));
                if (step == 1 && !cut) {
                    cut = true;
                    throw new IllegalStateException("The process is killed here");
                }
            }
        };
        SourceCapture first = kafka.captureNow(new MongoCapture(source, kafka.registry(), interleaved, 30, 100));
        Eventually.within(
                SOON, () -> interleaved.loads("raw." + source.name() + "_t").size(), read -> read >= 2);
        first.close();

        awaitLoad(kafka.captureNow(new MongoCapture(source, kafka.registry(), interleaved, 30, 100)));

        List<CopiedFiles.Load> read = interleaved.loads("raw." + source.name() + "_t");
        assertThat(read.size()).as("the step that was cut off is read again").isGreaterThan(4);
        Map<Integer, CopiedFiles.Load> steps = new TreeMap<>();
        read.forEach(load -> steps.put(load.chunk().chunk(), load));
        steps.values().forEach(load -> offered.add(load.chunk()));
        assertThat(offered).extracting(LoadChunk::generation).containsOnly(1);
        assertThat(offered.getLast().chunks()).isEqualTo(offered.size());
        Map<Object, Object> current = new HashMap<>();
        steps.values().forEach(load -> load.rows().forEach(row -> current.put(row.getField("_id"), value(row))));
        t.insertOne(document("{_id: 'end', v: 3}"));
        Eventually.within(
                SOON,
                () -> kafka.changes(source, "t"),
                changes -> changes.stream()
                        .anyMatch(change -> change.after() != null
                                && "\"end\"".equals(change.after().getField("_id"))));
        Set<String> operations = new LinkedHashSet<>();
        for (Change change : kafka.changes(source, "t")) {
            assertThat(operations.add(change.pos())).isTrue();
            if (change.op().equals("d")) {
                current.remove(Objects.requireNonNull(change.before()).getField("_id"));
            } else {
                current.put(row(change).getField("_id"), value(row(change)));
            }
        }
        Map<Object, Object> held = new HashMap<>();
        BsonKind ids = BsonKind.LONG;
        t.find()
                .forEach(document ->
                        held.put(BsonText.id(field(document, "_id"), ids), BsonText.relaxed(field(document, "v"))));
        assertThat(current).isEqualTo(held);
    }

    private static BsonValue field(BsonDocument document, String name) {
        return Objects.requireNonNull(document.get(name));
    }

    private static Object value(Record row) {
        Object rest = row.getField("_rest");
        return row.getField("v") != null
                ? String.valueOf(row.getField("v"))
                : BsonText.relaxed(field(BsonDocument.parse(String.valueOf(rest)), "v"));
    }

    @Test
    void carriesOutAnOperatorsOrders() throws Exception {
        MongoSource source = source("t");
        MongoCollection<BsonDocument> t = collection(source, "t");
        t.insertOne(document("{_id: 1}"));
        SourceCapture capture = capture(source);
        awaitLoad(capture);

        capture.order(new SourceOrder.Pause(StopCause.wished(source.name())))
                .get(Eventually.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        t.insertOne(document("{_id: 2}"));
        assertThat(capture.status().state()).isEqualTo("PAUSED");
        capture.order(new SourceOrder.Resume()).get(Eventually.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        kafka.awaitChanges(source, "t", 1);
        capture.order(new SourceOrder.Reload(List.of("t"), "test"))
                .get(Eventually.PATIENCE.toSeconds(), TimeUnit.SECONDS);

        awaitGeneration(capture, 2);
        assertThat(loads.rows("raw." + source.name() + "_t"))
                .extracting(row -> row.getField("_id") + " " + row.getField("_load"))
                .containsExactly("1 1", "1 2", "2 2");
        assertThat(kafka.changes(source, "t")).hasSize(1);
        kafka.awaitPublishedEnd(source, "t");
    }

    @Test
    void waitsForARepairWhenTheLogIsLost() throws Exception {
        MongoSource source = source("t");
        MongoCollection<BsonDocument> t = collection(source, "t");
        t.insertOne(document("{_id: 1}"));
        SourceCapture first = capture(source);
        awaitLoad(first);
        first.close();
        t.insertOne(document("{_id: 2}"));
        mongo.forgetLog();

        SourceCapture second = capture(source);

        Eventually.within(SOON, () -> second.status().code(), code -> "CAPTURE-OPLOG-LOST".equals(code));
        assertThat(second.status().nextStep()).contains("./levada source repair " + source.name());
        second.order(new SourceOrder.Repair(false)).get(Eventually.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        awaitGeneration(second, 2);
        t.insertOne(document("{_id: 3}"));

        assertThat(kafka.awaitChanges(source, "t", 1))
                .extracting(Change::pos)
                .containsExactly(CapturePosition.pos(2, 1));
        assertThat(loads.rows("raw." + source.name() + "_t"))
                .extracting(row -> row.getField("_id"))
                .containsExactly("1", "1", "2");
    }

    @Test
    void followsRenamesAndADroppedDatabase() throws Exception {
        MongoSource source = source("t");
        MongoDatabase database = client.getDatabase(source.database());
        MongoCollection<BsonDocument> t = collection(source, "t");
        t.insertOne(document("{_id: 1}"));
        collection(source, "other").insertOne(document("{_id: 5}"));
        SourceCapture capture = capture(source);
        awaitLoad(capture);

        database.getCollection("other")
                .renameCollection(t.getNamespace(), new RenameCollectionOptions().dropTarget(true));

        awaitGeneration(capture, 2);
        assertThat(loads.loads("raw." + source.name() + "_t").getLast().rows())
                .extracting(row -> row.getField("_id"))
                .containsExactly("5");
        database.drop();
        Eventually.within(
                SOON,
                () -> kafka.changes(source, "t"),
                changes -> changes.stream()
                                .filter(change -> change.op().equals("t"))
                                .count()
                        == 3);
        collection(source, "t").insertOne(document("{_id: 7}"));

        assertThat(kafka.awaitChanges(source, "t", 4).getLast().op()).isEqualTo("c");
    }

    @Test
    void namesWhatAServerLacks() throws Exception {
        MongoSource source = source("t", "missing");
        collection(source, "t").insertOne(document("{_id: 1}"));
        mongo.standalone(true);
        try {
            SourceCapture capture = capture(source);
            assertThat(capture.status().code()).isEqualTo("CAPTURE-NO-REPLICA-SET");
            capture.close();
        } finally {
            mongo.standalone(false);
        }

        SourceCapture capture = capture(source);

        Eventually.within(SOON, () -> capture.status().tables().getFirst().state(), "LOADED"::equals);
        assertThat(capture.status().tables().getLast().code()).isEqualTo("CAPTURE-UNKNOWN-TABLE");
    }

    private static BsonDocument document(String json) {
        return BsonDocument.parse(json);
    }

    private static Record row(Change change) {
        return Objects.requireNonNull(change.after());
    }

    private MongoSource source(String... collections) {
        String name = "mongo" + sources++;
        return new MongoSource(
                name,
                mongo.url(name),
                name,
                "",
                new Secret(""),
                Stream.of(collections)
                        .map(collection -> new SourceTable(name, collection, collection))
                        .toList(),
                new LoadSettings(1, 64 << 10));
    }

    private MongoCollection<BsonDocument> collection(MongoSource source, String name) {
        return client.getDatabase(source.database()).getCollection(name, BsonDocument.class);
    }

    private SourceCapture capture(MongoSource source) {
        return kafka.captureNow(new MongoCapture(source, kafka.registry(), loads));
    }

    private static void awaitLoad(SourceCapture capture) {
        Eventually.within(
                SOON,
                () -> capture.status().tables(),
                tables -> tables.stream().allMatch(table -> table.state().equals("LOADED")));
    }

    private static void awaitGeneration(SourceCapture capture, int generation) {
        Eventually.within(SOON, () -> capture.status().tables().getFirst().generation(), found -> found == generation);
        awaitLoad(capture);
    }
}
