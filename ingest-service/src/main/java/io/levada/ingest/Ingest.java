package io.levada.ingest;

import io.levada.definition.DatabaseSource;
import io.levada.definition.FileSource;
import io.levada.definition.PipelineDefinition;
import io.levada.events.TableProperties;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.capture.SourceOrder;
import io.levada.ingest.capture.SourceProblem;
import io.levada.ingest.capture.SourceStatus;
import io.levada.ingest.changes.SchemaRegistry;
import io.levada.ingest.files.FilesAtStart;
import io.levada.ingest.landing.LandingSteps;
import io.levada.ingest.quarantine.QuarantineCounts;
import io.levada.ingest.quarantine.QuarantineWriter;
import io.levada.lake.LakeLayout;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.RESTException;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The parts of ingest-service, started as soon as Kafka and the catalog can be reached, and closed in the order of
/// the flow: sources first, then landing.
final class Ingest implements RunningSources, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Ingest.class);
    private static final Duration BACKOFF = Duration.ofSeconds(1);
    private static final Duration START = Duration.ofSeconds(30);

    private final IngestAssembly assembly;
    private final QuarantineCounts quarantined = new QuarantineCounts();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread starter = Thread.ofPlatform().name("ingest-start").unstarted(this::startWhenReachable);
    private final DefinitionNotice notice;
    private volatile PipelineDefinition definition;
    private volatile @Nullable IngestParts parts;
    private volatile long earlierRows;
    private volatile long earlierChanges;
    private volatile @Nullable String trouble = "Starting";

    Ingest(
            IngestProperties properties,
            PipelineDefinition definition,
            DefinitionNotice notice,
            LakeLayout layout,
            SchemaRegistry registry,
            LandingSteps steps) {
        this.assembly = new IngestAssembly(
                properties,
                layout,
                registry,
                steps,
                quarantined,
                () -> properties.once()
                        && Optional.ofNullable(parts)
                                .map(running -> databasesEnd(running).reached())
                                .orElse(false));
        this.definition = definition;
        this.notice = notice;
    }

    void start() {
        starter.start();
    }

    private void startWhenReachable() {
        while (closed.getCount() > 0) {
            try {
                startParts();
                return;
            } catch (KafkaException | RESTException e) {
                trouble = e.getMessage();
                LOG.atWarn().setCause(e).log("Kafka or the catalog can not be reached; trying again");
            }
            try {
                closed.await(BACKOFF.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private synchronized void startParts() {
        if (closed.getCount() > 0) {
            parts = assembly.start(null, definition);
            trouble = null;
        }
    }

    @Override
    public synchronized void replace(PipelineDefinition next) {
        if (closed.getCount() == 0) {
            return;
        }
        IngestParts before = parts;
        definition = next;
        if (before == null && starter.isAlive()) {
            return;
        }
        try {
            IngestParts now = assembly.start(before, next);
            if (before != null) {
                count(before, now);
            }
            parts = now;
            trouble = null;
        } catch (IngestAssembly.ExchangeFailed e) {
            parts = null;
            trouble = e.getMessage();
            throw e;
        }
    }

    /// Keeps what the parts that are closed had counted.
    private synchronized void count(IngestParts before, IngestParts now) {
        if (now.landing() != before.landing()) {
            earlierRows += before.landing().landedRows();
        }
        earlierChanges += before.captures().values().stream()
                .filter(capture -> !now.captures().containsValue(capture))
                .mapToLong(capture -> capture.status().changes())
                .sum();
    }

    /// Whether all parts run.
    boolean started() {
        return parts != null;
    }

    /// What `GET /v1/status` answers.
    ///
    /// @param definitionChange in what levada.yaml differs from what runs
    /// @param sources a [SourceStatus] for each database, then a [io.levada.ingest.files.FileSourceStatus] for each
    /// folder
    record Status(
            @Nullable String trouble,
            @Nullable String definitionChange,
            List<Record> sources,
            long landedRows,
            @Nullable String landingTrouble,
            SourceStatus.EndOfInput endOfInput) {}

    Status status() {
        String definitionChange = notice.difference().orElse(null);
        IngestParts running = parts;
        if (running == null) {
            return new Status(
                    trouble, definitionChange, List.of(), 0, null, new SourceStatus.EndOfInput(false, Map.of()));
        }
        return new Status(
                null,
                definitionChange,
                Stream.<Record>concat(
                                running.captures().values().stream().map(SourceCapture::status),
                                running.files().statuses().stream())
                        .toList(),
                landedRows(),
                running.landing().trouble().orElse(null),
                endOfInput(running));
    }

    private static SourceStatus.EndOfInput endOfInput(IngestParts running) {
        SourceStatus.EndOfInput databases = databasesEnd(running);
        FilesAtStart files = running.files().atStart();
        if (!databases.reached() || !files.complete()) {
            return new SourceStatus.EndOfInput(false, Map.of());
        }
        Map<String, Map<String, Long>> wanted = new LinkedHashMap<>(databases.tables());
        for (FileSource source : IngestAssembly.fileSources(running.definition())) {
            Long last = files.lastNumbers().get(source.rawTable());
            if (last != null) {
                wanted.put(
                        source.rawTable(),
                        Map.of(TableProperties.FILES + source.name() + "." + source.rawTable(), last));
            }
        }
        return new SourceStatus.EndOfInput(true, wanted);
    }

    /// Gives an order to a database source.
    ///
    /// @param order made once the source is found
    /// @throws SourceProblem where there is no such source
    CompletableFuture<String> order(String name, Function<DatabaseSource, SourceOrder> order) {
        if (!definition.sources().containsKey(name)) {
            throw new SourceProblem(
                    IngestError.SOURCE_UNKNOWN,
                    "There is no source " + name,
                    "Give one of " + String.join(", ", definition.sources().keySet()));
        }
        if (!(definition.sources().get(name) instanceof DatabaseSource source)) {
            throw new SourceProblem(
                    IngestError.SOURCE_NO_DATABASE,
                    "Source " + name + " is a folder: it has no log that could be paused, repaired or dropped",
                    "Take it out of levada.yaml, or move its files away");
        }
        return Optional.ofNullable(parts)
                .map(running -> running.captures().get(name))
                .orElseThrow(this::starting)
                .order(order.apply(source));
    }

    private SourceProblem starting() {
        return new SourceProblem(
                IngestError.SOURCES_STARTING,
                "The sources are not started yet: " + trouble,
                "Give the order again when ./levada status shows the source");
    }

    /// Lets a source go on that was paused or has stopped.
    CompletableFuture<String> resume(String name) {
        IngestParts running = parts;
        if (running == null || !(definition.sources().get(name) instanceof FileSource)) {
            return order(name, _ -> new SourceOrder.Resume());
        }
        try {
            running.files().resume(name);
            return CompletableFuture.completedFuture("Source " + name + " goes on");
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /// Takes in again what the files of a source brought to quarantine.
    ///
    /// @throws SourceProblem where there is no such source
    CompletableFuture<String> replay(String name) {
        if (!(definition.sources().get(name) instanceof FileSource)) {
            throw new SourceProblem(
                    definition.sources().containsKey(name) ? IngestError.SOURCE_NO_FOLDER : IngestError.SOURCE_UNKNOWN,
                    "There is no source of files " + name,
                    "Rows of a database are replayed by loading their table again: ./levada reload SOURCE TABLE");
        }
        return Optional.ofNullable(parts)
                .flatMap(running -> running.files().replay(name))
                .orElseThrow(this::starting);
    }

    /// Settles the quarantined rows of a table: they stay, and are not listed any more.
    ///
    /// @param upTo the newest one that is settled
    void settle(String table, Instant upTo) {
        IngestParts running = parts;
        if (running == null) {
            throw new SourceProblem(
                    IngestError.SOURCES_STARTING, "The catalog is not reached yet: " + trouble, "Try again soon");
        }
        Table quarantine = running.catalog()
                .load(QuarantineWriter.TABLE)
                .orElseThrow(() -> new SourceProblem(
                        IngestError.SOURCE_UNKNOWN_TABLE, "Nothing is in quarantine", "There is nothing to settle"));
        quarantine
                .updateProperties()
                .set(TableProperties.SETTLED + table, upTo.toString())
                .commit();
    }

    /// What the databases are at.
    List<SourceStatus> databases() {
        IngestParts running = parts;
        return running == null
                ? List.of()
                : running.captures().values().stream()
                        .map(SourceCapture::status)
                        .toList();
    }

    private static SourceStatus.EndOfInput databasesEnd(IngestParts running) {
        Map<String, Map<String, Long>> wanted = new LinkedHashMap<>();
        for (SourceCapture capture : running.captures().values()) {
            SourceStatus.EndOfInput end = capture.endOfInput();
            if (!end.reached()) {
                return end;
            }
            wanted.putAll(end.tables());
        }
        return new SourceStatus.EndOfInput(true, wanted);
    }

    /// What was put aside since this process started.
    QuarantineCounts quarantined() {
        return quarantined;
    }

    /// Rows landed since this process started.
    long landedRows() {
        IngestParts running = parts;
        return earlierRows + (running == null ? 0 : running.landing().landedRows());
    }

    /// Changes published since this process started.
    long publishedChanges() {
        return earlierChanges
                + databases().stream().mapToLong(SourceStatus::changes).sum();
    }

    @Override
    public void close() {
        closed.countDown();
        awaitStarter();
        synchronized (this) {
            IngestParts running = parts;
            if (running != null) {
                running.close();
            }
        }
    }

    /// Parts that are being started would outlive this otherwise, beside those of a successor in the same process.
    private void awaitStarter() {
        if (starter.getState() == Thread.State.NEW) {
            return;
        }
        try {
            if (!starter.join(START)) {
                LOG.atWarn().log("The parts of ingest-service are still being started at its end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
