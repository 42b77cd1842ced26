package io.levada.benchmarks;

import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.connect.source.SourceRecord;
import tools.jackson.databind.JsonNode;

/// A backlog of changes from PostgreSQL to committed Parquet, against the Debezium engine alone with an empty consumer.
///
/// Both read the same log of the same rows. The engine's time runs from its first record to its last, Levada's from the
/// first sign that its source streams to the commit that completes the raw table.
final class StreamingBenchmark {
    private static final Duration LOOK = Duration.ofMillis(250);

    private final Path scratch;
    private final int rows;

    StreamingBenchmark(Path scratch, int rows) {
        this.scratch = scratch;
        this.rows = rows;
    }

    List<Figure> run() throws Exception {
        try (SourceDatabase database = new SourceDatabase(scratch.resolve("postgres"))) {
            Path project = Files.createDirectory(scratch.resolve("project"));
            Files.writeString(project.resolve("levada.yaml"), "flush: 5s\n" + database.yaml());
            try (Pipeline pipeline = Pipeline.run(project, scratch.resolve("data"))) {
                Poll.until("the empty table is loaded", pipeline::ready);
            }
            database.execute("CREATE PUBLICATION alone FOR TABLE measured");
            database.execute("SELECT pg_create_logical_replication_slot('alone', 'pgoutput')");
            database.insert(1, rows);
            double engine = engineAlone(database.port());
            double levada = pipeline(project);
            return List.of(
                    new Figure("changes", rows, "", ""),
                    new Figure("Debezium engine alone", rows / engine, "changes/s", ""),
                    new Figure("Levada, streaming to committed", rows / levada, "changes/s", ""),
                    new Figure("ratio", engine / levada, "", "0.9 or more"));
        }
    }

    private double pipeline(Path project) throws Exception {
        try (Pipeline pipeline = Pipeline.run(project, scratch.resolve("data"))) {
            long start = Poll.until("the source streams", () -> {
                for (JsonNode source : pipeline.ingest().path("sources")) {
                    if (source.path("state").asString("").equals("STREAMING")
                            || source.path("changes").asLong(0) > 0) {
                        return true;
                    }
                }
                return false;
            });
            return Poll.seconds(
                    start, Poll.until("all is committed", LOOK, () -> pipeline.rows("raw.pg_measured") == rows));
        }
    }

    private double engineAlone(int port) throws Exception {
        AtomicLong first = new AtomicLong();
        AtomicLong last = new AtomicLong();
        AtomicLong seen = new AtomicLong();
        try (DebeziumEngine<RecordChangeEvent<SourceRecord>> engine = DebeziumEngine.create(
                        ChangeEventFormat.of(Connect.class))
                .using(settings(port))
                .notifying((records, committer) -> {
                    first.compareAndSet(0, System.nanoTime());
                    for (RecordChangeEvent<SourceRecord> event : records) {
                        if (event.record().topic().equals("alone.public.measured")) {
                            seen.incrementAndGet();
                        }
                        committer.markProcessed(event);
                    }
                    committer.markBatchFinished();
                    last.set(System.nanoTime());
                })
                .build()) {
            Thread.ofPlatform().daemon().start(engine);
            Poll.until("the engine has fed all changes", () -> seen.get() >= rows);
            return Poll.seconds(first.get(), last.get());
        }
    }

    /// What Levada sets as well, as far as it concerns speed.
    private Properties settings(int port) {
        Properties settings = new Properties();
        settings.setProperty("name", "alone");
        settings.setProperty("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        settings.setProperty("topic.prefix", "alone");
        settings.setProperty("plugin.name", "pgoutput");
        settings.setProperty("slot.name", "alone");
        settings.setProperty("publication.name", "alone");
        settings.setProperty("publication.autocreate.mode", "disabled");
        settings.setProperty("snapshot.mode", "no_data");
        settings.setProperty("table.include.list", "public.measured");
        settings.setProperty("database.hostname", "127.0.0.1");
        settings.setProperty("database.port", Integer.toString(port));
        settings.setProperty("database.dbname", "postgres");
        settings.setProperty("database.user", "postgres");
        settings.setProperty("database.password", "postgres");
        settings.setProperty("offset.storage", "org.apache.kafka.connect.storage.FileOffsetBackingStore");
        settings.setProperty(
                "offset.storage.file.filename", scratch.resolve("offsets").toString());
        settings.setProperty("offset.flush.interval.ms", "1000");
        settings.setProperty("decimal.handling.mode", "precise");
        settings.setProperty("time.precision.mode", "microseconds");
        settings.setProperty("max.batch.size", "4096");
        settings.setProperty("max.queue.size", "16384");
        settings.setProperty("max.queue.size.in.bytes", Integer.toString(64 * 1024 * 1024));
        settings.setProperty("poll.interval.ms", "20");
        return settings;
    }
}
