package io.levada.benchmarks;

import io.levada.events.FilesWritten;
import io.levada.events.OffsetRange;
import io.levada.events.TableProperties;
import io.levada.events.Topics;
import io.levada.events.WrittenFile;
import io.levada.lake.LakeCatalog;
import io.levada.lake.ParquetFileWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import tools.jackson.databind.json.JsonMapper;

/// Files offered at an even rate to many tables, one event each, and how long each takes until its table has it.
final class CommitRate {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int TABLES = 20;
    private static final int FILES_A_SECOND = 50;
    private static final int SECONDS = 60;
    private static final int EVENTS = FILES_A_SECOND * SECONDS;

    private final Path scratch;
    private final String bootstrapServers;
    private final Map<String, List<Long>> commits = new ConcurrentHashMap<>();
    private final Map<String, Long> sent = new HashMap<>();

    CommitRate(Path scratch, String bootstrapServers) {
        this.scratch = scratch;
        this.bootstrapServers = bootstrapServers;
    }

    /// Told of every commit that a table has.
    void committed(String table) {
        commits.computeIfAbsent(table, _ -> new CopyOnWriteArrayList<>()).add(System.nanoTime());
    }

    List<Figure> measure(LakeCatalog lake) throws Exception {
        List<FilesWritten> events = events(lake);
        long start = System.nanoTime();
        send(events);
        long last = Poll.until("all files are committed", () -> committedFiles(lake) == EVENTS);
        List<Double> waits = waits(lake);
        long made = commits.values().stream().mapToLong(List::size).sum();
        return List.of(
                new Figure("files offered a second, to " + TABLES + " tables", FILES_A_SECOND, "", ""),
                new Figure("files committed a second", EVENTS / Poll.seconds(start, last), "files/s", "50 sustained"),
                new Figure("files of a commit, mean", (double) EVENTS / made, "", ""),
                new Figure("event to committed, median", waits.get(waits.size() / 2), "s", ""),
                new Figure("event to committed, p95", waits.get(waits.size() * 95 / 100), "s", "1 or less"),
                new Figure("event to committed, slowest", waits.getLast(), "s", ""));
    }

    private List<FilesWritten> events(LakeCatalog lake) throws IOException {
        List<Table> tables = new ArrayList<>();
        List<WrittenFile> templates = new ArrayList<>();
        for (int number = 0; number < TABLES; number++) {
            Table table = lake.createOrEvolve(CatalogBenchmark.spec(scratch, "raw.rate_" + number));
            tables.add(table);
            templates.add(file(table));
        }
        List<FilesWritten> events = new ArrayList<>();
        for (int event = 0; event < EVENTS; event++) {
            int number = event % TABLES;
            int round = event / TABLES;
            WrittenFile template = templates.get(number);
            String path = tables.get(number).location() + "/part-" + round + ".parquet";
            Files.copy(Path.of(template.path()), Path.of(path));
            WrittenFile file = new WrittenFile(
                    path,
                    template.bytes(),
                    template.rows(),
                    template.partition(),
                    template.metrics(),
                    template.splitOffsets());
            OffsetRange range =
                    new OffsetRange("cluster", "topic-" + number, "levada.changes.rate." + number, 0, round, round + 1);
            events.add(FilesWritten.changes("event-" + event, "raw.rate_" + number, 0, List.of(file), List.of(range)));
        }
        return events;
    }

    private static WrittenFile file(Table table) {
        try (ParquetFileWriter writer = ParquetFileWriter.create(table, table.location() + "/template.parquet", "")) {
            for (long id = 0; id < 100; id++) {
                GenericRecord row = writer.newRow();
                row.setField("id", id);
                row.setField("name", "name " + id);
                writer.write(row);
            }
            return writer.finish();
        }
    }

    private void send(List<FilesWritten> events) {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers, "transactional.id", "benchmark"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.initTransactions();
            long start = System.nanoTime();
            int next = 0;
            while (next < events.size()) {
                long due = start + next * 1_000_000_000L / FILES_A_SECOND;
                while (System.nanoTime() < due) {
                    LockSupport.parkNanos(due - System.nanoTime());
                }
                long until = Math.min(events.size(), (System.nanoTime() - start) * FILES_A_SECOND / 1_000_000_000L + 1);
                offer(producer, events.subList(next, (int) until));
                next = (int) until;
            }
        }
    }

    /// What is due, in one transaction, as landing has it.
    private void offer(KafkaProducer<byte[], byte[]> producer, List<FilesWritten> due) {
        producer.beginTransaction();
        for (FilesWritten event : due) {
            sent.put(event.id(), System.nanoTime());
            Future<RecordMetadata> _ = producer.send(new ProducerRecord<>(
                    Topics.FILES_WRITTEN,
                    event.table().getBytes(StandardCharsets.UTF_8),
                    JSON.writeValueAsBytes(event)));
        }
        producer.commitTransaction();
    }

    private static int committedFiles(LakeCatalog lake) {
        int files = 0;
        for (int number = 0; number < TABLES; number++) {
            Snapshot current = lake.load("raw.rate_" + number).orElseThrow().currentSnapshot();
            files += current == null ? 0 : Integer.parseInt(current.summary().get("total-data-files"));
        }
        return files;
    }

    /// Seconds from an event's being sent to the commit that has it, in order. A table's commits and its
    /// snapshots are the same, in the same order.
    private List<Double> waits(LakeCatalog lake) {
        List<Double> waits = new ArrayList<>();
        commits.forEach((name, times) -> {
            List<Snapshot> snapshots = new ArrayList<>();
            lake.load(name).orElseThrow().snapshots().forEach(snapshots::add);
            if (snapshots.size() != times.size()) {
                throw new IllegalStateException(name + " has other snapshots than commits");
            }
            for (int commit = 0; commit < times.size(); commit++) {
                String ids =
                        Objects.requireNonNull(snapshots.get(commit).summary().get(TableProperties.SUMMARY_EVENTS));
                for (String id : ids.split(",")) {
                    waits.add(Poll.seconds(Objects.requireNonNull(sent.get(id)), times.get(commit)));
                }
            }
        });
        waits.sort(null);
        return waits;
    }
}
