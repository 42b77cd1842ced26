package io.levada.ingest.files;

import io.levada.events.FileArrived;
import io.levada.events.FileIdentity;
import io.levada.ingest.Backoff;
import io.levada.ingest.IngestError;
import io.levada.ingest.landing.FilesWrittenProducer;
import io.levada.ingest.landing.LandingStep;
import io.levada.ingest.landing.LandingSteps;
import io.levada.ingest.quarantine.QuarantineCounts;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes announced files in their order and offers each for commit, in one transaction with its offset.
///
/// Whatever fails outside the file is tried again with the same file, with a new producer, from the committed offset:
/// so an outcome that was not known is known before anything is offered anew. It ends for good where another process
/// has taken the files over; the watches say so.
final class FileLanding implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(FileLanding.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final String LANDING = "landing";

    private final FileSettings settings;
    private final FileConversion conversion;
    private final Function<FileArrived, Origin> origins;
    private final LandingSteps steps;
    private final QuarantineCounts quarantined;
    private final CountDownLatch stopped;
    private final Backoff backoff = new Backoff();

    /// Where a file comes from.
    ///
    /// @param place null where the definition has the source no more
    /// @param progress null where the definition has the source no more
    /// @param stop null where the definition has the source no more
    record Origin(
            @Nullable WatchedPlace place,
            FileTable table,
            Spool spool,
            @Nullable SourceProgress progress,
            @Nullable FolderStop stop) {}

    FileLanding(
            FileSettings settings,
            FileConversion conversion,
            Function<FileArrived, Origin> origins,
            LandingSteps steps,
            QuarantineCounts quarantined,
            CountDownLatch stopped) {
        this.settings = settings;
        this.conversion = conversion;
        this.origins = origins;
        this.steps = steps;
        this.quarantined = quarantined;
        this.stopped = stopped;
    }

    @Override
    public void run() {
        boolean running = true;
        while (running) {
            try {
                if (settings.successor().isEmpty()) {
                    session();
                }
                running = false;
            } catch (IOException | RuntimeException e) {
                if (stopped.getCount() > 0) {
                    LOG.atWarn()
                            .addKeyValue("errorCode", IngestError.FILES_RETRYING.code())
                            .setCause(e)
                            .log("Landing files failed and is tried again");
                }
                running = !Backoff.stoppedWithin(backoff.next(), stopped);
            }
        }
    }

    private void session() throws IOException {
        ArrivedTopic.prepare(settings.kafka(), "levada-ingest-files-prepare");
        String transactionalId = "levada-" + settings.project() + "-files-landing";
        try (FilesWrittenProducer producer = new FilesWrittenProducer(settings.kafka(), transactionalId);
                KafkaConsumer<String, byte[]> consumer =
                        ArrivedTopic.consumer(settings.kafka(), "levada-ingest-files-landing")) {
            consumer.assign(List.of(ArrivedTopic.PARTITION));
            consumer.seek(ArrivedTopic.PARTITION, start(consumer));
            while (stopped.getCount() > 0) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    if (stopped.getCount() == 0) {
                        return;
                    }
                    land(record, producer, consumer);
                }
            }
        }
    }

    private long start(KafkaConsumer<String, byte[]> consumer) {
        long committed = ArrivedTopic.committed(consumer);
        try (Admin admin = ArrivedTopic.admin(settings.kafka(), "levada-ingest-files-landing-admin")) {
            long end = ArrivedTopic.highWatermark(admin);
            if (committed > end) {
                throw new IllegalStateException(IngestError.FILES_LOG_LOST.code() + ": topic "
                        + ArrivedTopic.PARTITION.topic() + " ends at " + end + " but files up to " + committed
                        + " were offered; the topic was deleted or restored, so file numbers can not be trusted");
            }
        }
        return committed;
    }

    private void land(
            ConsumerRecord<String, byte[]> record,
            FilesWrittenProducer producer,
            KafkaConsumer<String, byte[]> consumer)
            throws IOException {
        FileArrived arrived = ArrivedTopic.parse(record);
        FileIdentity file = arrived.file();
        Origin origin = origins.apply(arrived);
        try {
            FileConversion.Converted converted = convert(arrived, origin);
            steps.reached(LandingStep.BEFORE_TRANSACTION, file.table());
            producer.commit(
                    converted.events(),
                    Map.of(ArrivedTopic.PARTITION, new OffsetAndMetadata(record.offset() + 1)),
                    consumer.groupMetadata());
            steps.reached(LandingStep.AFTER_TRANSACTION, file.table());
            landed(arrived, origin, converted);
        } catch (IOException | RuntimeException e) {
            if (origin.progress() != null) {
                origin.progress().failed(LANDING, IngestError.FILES_RETRYING, "File " + file.path() + ": " + e);
            }
            throw e;
        }
    }

    private void landed(FileArrived arrived, Origin origin, FileConversion.Converted converted) throws IOException {
        FileIdentity file = arrived.file();
        backoff.reset();
        quarantined.add(converted.quarantined());
        if (origin.progress() != null) {
            origin.progress().mended(LANDING);
            origin.progress().landed(converted);
        }
        if (origin.stop() != null) {
            origin.stop().landed(converted.rows(), converted.quarantinedRows());
        }
        origin.spool().delete(file);
        if (converted.whole() || converted.quarantinedRows() > 0) {
            LOG.atWarn()
                    .addKeyValue("table", file.table())
                    .addKeyValue("file", file.path())
                    .addKeyValue("rows", converted.rows())
                    .addKeyValue("quarantined", converted.quarantinedRows())
                    .log(
                            converted.whole()
                                    ? "File put into quarantine as a whole"
                                    : "File landed, some of its records in quarantine");
        } else {
            LOG.atDebug()
                    .addKeyValue("table", file.table())
                    .addKeyValue("file", file.path())
                    .addKeyValue("rows", converted.rows())
                    .log("File landed");
        }
    }

    private FileConversion.Converted convert(FileArrived arrived, Origin origin) throws IOException {
        FileIdentity file = arrived.file();
        if (origin.spool().holds(file, arrived.bytes()) || copiedAgain(arrived, origin)) {
            return conversion.convert(arrived, origin.table(), origin.spool().path(file));
        }
        return conversion.whole(
                arrived,
                origin.table(),
                null,
                IngestError.FILES_LOST,
                "its copy in the spool is gone and its place no longer holds the content with SHA-256 "
                        + file.sha256());
    }

    private static boolean copiedAgain(FileArrived arrived, Origin origin) throws IOException {
        FileIdentity file = arrived.file();
        WatchedPlace place = origin.place();
        Optional<Spool.Signature> signature = place == null ? Optional.empty() : place.signature(file.path());
        if (place == null || signature.isEmpty()) {
            return false;
        }
        Spool.Reading reading = place.copy(file.path(), signature.get(), origin.spool());
        if (!(reading instanceof Spool.Complete content)) {
            throw new IOException("File " + place.name(file.path()) + " changes while it is copied");
        }
        if (!content.sha256().equals(file.sha256())) {
            Files.deleteIfExists(content.copy());
            return false;
        }
        origin.spool().keep(content, file);
        return true;
    }
}
