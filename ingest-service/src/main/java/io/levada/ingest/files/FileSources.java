package io.levada.ingest.files;

import io.levada.definition.CsvSettings;
import io.levada.definition.FileSource;
import io.levada.definition.OnSchemaChange;
import io.levada.events.FileArrived;
import io.levada.events.FileIdentity;
import io.levada.ingest.landing.LandingSteps;
import io.levada.ingest.quarantine.QuarantineCounts;
import io.levada.lake.LakeCatalog;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/// All watched folders of a project: a watch for each, and one landing.
///
/// What is away at the start or later, Kafka, catalog or folder, is waited for. Safe for use by several threads.
public final class FileSources implements AutoCloseable {
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

    private final FileSettings settings;
    private final Tables tables;
    private final LandingSteps steps;
    private final QuarantineCounts quarantined;
    private final FileEngine engine;
    private final Map<String, Watched> watched = new LinkedHashMap<>();
    private final Map<String, ReplayOrders> orders = new ConcurrentHashMap<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final List<Thread> threads = new ArrayList<>();

    private record Watched(
            FileSource source,
            WatchedPlace place,
            FileTable table,
            Spool spool,
            SourceProgress progress,
            FolderStop stop) {}

    /// @param quarantined counts the records and files that are put aside
    /// @throws IllegalArgumentException where a source declares a column type that text can not be read as
    public FileSources(
            FileSettings settings,
            List<FileSource> sources,
            LakeCatalog catalog,
            LandingSteps steps,
            QuarantineCounts quarantined) {
        this(settings, sources, Tables.of(catalog), steps, quarantined);
    }

    FileSources(
            FileSettings settings,
            List<FileSource> sources,
            Tables tables,
            LandingSteps steps,
            QuarantineCounts quarantined) {
        this.settings = settings;
        this.tables = tables;
        this.steps = steps;
        this.quarantined = quarantined;
        this.engine = new FileEngine(
                settings.dataDirectory().resolve("files-scratch"),
                settings.layout(),
                List.of(settings.dataDirectory().resolve("spool")));
        for (FileSource source : sources) {
            watched.put(
                    source.name(),
                    new Watched(
                            source,
                            WatchedPlace.of(source.place(), settings.pollInterval()),
                            table(source.name(), source.rawTable(), source.format(), source),
                            spool(source.name()),
                            new SourceProgress(source),
                            new FolderStop(
                                    settings.quarantine(),
                                    settings.dataDirectory().resolve("files-stopped"),
                                    source.name())));
        }
    }

    private FileTable table(String source, String rawTable, String format, @Nullable FileSource definition) {
        return new FileTable(
                source,
                rawTable,
                definition == null ? Map.of() : FileTable.declared(definition),
                tables,
                settings.layout(),
                format(format, definition == null ? CsvSettings.DEFAULT : definition.csv()),
                definition == null ? OnSchemaChange.EVOLVE : definition.onSchemaChange());
    }

    private FileFormat format(String format, CsvSettings csv) {
        return switch (format) {
            case "json" -> JsonFormat.plain(settings.maxRecordBytes());
            case "extended-json" -> JsonFormat.extended(settings.maxRecordBytes());
            case "parquet" -> new ParquetFormat(engine);
            default -> new CsvFormat(csv, settings.maxRecordBytes());
        };
    }

    private Spool spool(String source) {
        return new Spool(settings.dataDirectory().resolve("spool").resolve(source));
    }

    /// Starts watching and landing; without a source there is nothing to start.
    public synchronized void start() {
        if (watched.isEmpty() || !threads.isEmpty() || stopped.getCount() == 0) {
            return;
        }
        for (Watched watch : watched.values()) {
            FileReplays replays = new FileReplays(
                    watch.source,
                    watch.place,
                    watch.spool,
                    settings.dataDirectory().resolve("quarantine").resolve(watch.source.name()),
                    new QuarantinedRecords(tables, engine),
                    Clock.systemUTC());
            ReplayOrders replayed = new ReplayOrders(watch.source, replays, watch.progress);
            orders.put(watch.source.name(), replayed);
            FolderWatch folder = new FolderWatch(
                    watch.source,
                    watch.place,
                    settings,
                    watch.spool,
                    new FileIntake(watch.source, watch.place, watch.table, watch.spool, watch.progress, steps, stopped),
                    Notifications.of(watch.source.place(), settings.messageHidden(), watch.progress)
                            .orElse(null),
                    watch.progress,
                    replayed,
                    watch.stop,
                    stopped);
            threads.add(Thread.ofPlatform()
                    .name("levada-files-" + watch.source.name())
                    .start(folder));
        }
        FileConversion conversion = new FileConversion(
                tables,
                settings.layout(),
                settings.dataDirectory().resolve("quarantine"),
                engine,
                settings.partBytes(),
                steps,
                Clock.systemUTC());
        FileLanding landing = new FileLanding(settings, conversion, this::origin, steps, quarantined, stopped);
        threads.add(Thread.ofPlatform().name("levada-files-landing").start(landing));
    }

    private FileLanding.Origin origin(FileArrived arrived) {
        FileIdentity file = arrived.file();
        Watched watch = watched.get(file.source());
        boolean same = watch != null && watch.source.rawTable().equals(file.table());
        return new FileLanding.Origin(
                watch == null ? null : watch.place,
                watch != null && same ? watch.table : table(file.source(), file.table(), arrived.format(), null),
                watch == null ? spool(file.source()) : watch.spool,
                watch == null ? null : watch.progress,
                watch == null ? null : watch.stop);
    }

    /// Takes in again what files of a source brought to quarantine.
    ///
    /// @return what was done, in words; empty where no such source is watched
    public Optional<CompletableFuture<String>> replay(String source) {
        return Optional.ofNullable(orders.get(source)).map(ReplayOrders::give);
    }

    /// Lets a source go on that has stopped because too much of it went to quarantine.
    ///
    /// @return false where no such source is watched
    public boolean resume(String source) throws IOException {
        Watched watch = watched.get(source);
        if (watch == null) {
            return false;
        }
        watch.stop.resume();
        return true;
    }

    /// What each source is at, in the definition's order.
    public List<FileSourceStatus> statuses() {
        return watched.values().stream().map(watch -> watch.progress.status()).toList();
    }

    /// How far the files are that were present when the watches began, over all sources; complete without a source.
    /// Once it is complete, all of them are in the tables when each table's file number has reached its last one.
    public FilesAtStart atStart() {
        boolean complete = true;
        Map<String, Long> lastNumbers = new HashMap<>();
        for (Watched watch : watched.values()) {
            FilesAtStart atStart = watch.progress.atStart();
            complete &= atStart.complete();
            lastNumbers.putAll(atStart.lastNumbers());
        }
        return new FilesAtStart(complete, lastNumbers);
    }

    /// Stops after the file in hand; what is not finished is taken up by the next start.
    @Override
    public synchronized void close() {
        stopped.countDown();
        try {
            for (Thread thread : threads) {
                thread.join(STOP_TIMEOUT);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        watched.values().forEach(watch -> watch.place.close());
        engine.close();
    }
}
