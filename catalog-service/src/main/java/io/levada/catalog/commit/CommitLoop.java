package io.levada.catalog.commit;

import io.levada.catalog.CatalogError;
import io.levada.events.FilesWritten;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The thread that takes events from Kafka to the tables.
///
/// The events of one table are settled in their order, those of several tables at a time. A table whose next event can
/// not be settled is parked: only the offset of that event is kept, and from time to time the table's events are read
/// again from there. The acknowledged offset is that of the oldest event that is not settled.
final class CommitLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CommitLoop.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final String QUARANTINE = "raw.quarantine";
    /// A commit waits for storage and database most of the time.
    private static final int TABLES_AT_A_TIME = 4;

    private final Committer committer;
    private final Supplier<EventLog> logs;
    private final Duration firstRetry;
    private final Duration lastRetry;
    private final Map<String, ParkedTable> parked = new ConcurrentHashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private final ExecutorService tables = Executors.newFixedThreadPool(
            TABLES_AT_A_TIME,
            Thread.ofPlatform().name("levada-catalog-table-", 0).factory());
    private volatile boolean reading;
    private volatile long settledOffset = -1;

    CommitLoop(Committer committer, Supplier<EventLog> logs, Duration firstRetry, Duration lastRetry) {
        this.committer = committer;
        this.logs = logs;
        this.firstRetry = firstRetry;
        this.lastRetry = lastRetry;
        this.thread = Thread.ofPlatform().name("levada-catalog-commit").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /// Whether events are read, which takes a Kafka that answers.
    boolean reading() {
        return reading;
    }

    Collection<ParkedTable> parked() {
        return List.copyOf(parked.values());
    }

    /// All events before this offset are settled; negative before the first read.
    long settledOffset() {
        return settledOffset;
    }

    private void run() {
        try {
            readUntilClosed();
        } finally {
            reading = false;
        }
    }

    private void readUntilClosed() {
        Backoff backoff = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10));
        while (!isClosing()) {
            try (EventLog log = logs.get()) {
                parked.clear();
                long acknowledged = -1;
                while (!isClosing()) {
                    List<FilesWrittenRecord> records = log.next(POLL);
                    settle(records);
                    retryParked(log);
                    settledOffset = oldestUnsettled(log.position());
                    if (settledOffset != acknowledged) {
                        log.acknowledge(settledOffset);
                        acknowledged = settledOffset;
                    }
                    reading = true;
                    backoff.reset();
                }
            } catch (RuntimeException e) {
                reading = false;
                LOG.atWarn().setCause(e).log("Reading FilesWritten failed; it is tried again");
                pause(backoff.next());
            }
        }
    }

    private void settle(List<FilesWrittenRecord> records) {
        Map<String, List<FilesWrittenRecord>> byTable = new LinkedHashMap<>();
        records.forEach(event ->
                byTable.computeIfAbsent(event.table(), _ -> new ArrayList<>()).add(event));
        // Rows put aside are visible no later than the rest of the range or file that they come from.
        List<FilesWrittenRecord> aside = byTable.remove(QUARANTINE);
        if (aside != null && !parked.containsKey(QUARANTINE)) {
            settleOne(QUARANTINE, aside);
        }
        settleAll(byTable);
    }

    /// Several tables at a time, each of them in the order of its events; ends once all of them are through.
    private void settleAll(Map<String, List<FilesWrittenRecord>> byTable) {
        try {
            CompletableFuture.allOf(byTable.entrySet().stream()
                            .filter(entry -> !parked.containsKey(entry.getKey()))
                            .map(entry -> CompletableFuture.runAsync(
                                    () -> settleOne(entry.getKey(), entry.getValue()), tables))
                            .toArray(CompletableFuture<?>[]::new))
                    .join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e;
        }
    }

    /// @return whether all of these events of one table are settled
    private boolean settleOne(String table, List<FilesWrittenRecord> records) {
        List<FilesWritten> events = records.stream()
                .map(FilesWrittenRecord::event)
                .takeWhile(Objects::nonNull)
                .map(Objects::requireNonNull)
                .toList();
        Progress progress = committer.apply(table, events);
        Progress.Obstacle obstacle = progress.obstacle();
        if (obstacle == null && events.size() < records.size()) {
            obstacle = new Progress.Obstacle(
                    CatalogError.EVENT_INVALID, records.get(events.size()).problem());
        }
        if (obstacle == null) {
            return true;
        }
        park(table, records.get(progress.settled()), obstacle);
        return false;
    }

    private void park(String table, FilesWrittenRecord at, Progress.Obstacle obstacle) {
        ParkedTable before = parked.get(table);
        boolean same = false;
        Backoff backoff = new Backoff(firstRetry, lastRetry);
        if (before != null && before.offset() == at.offset() && before.code() == obstacle.code()) {
            same = true;
            backoff = before.backoff();
        }
        FilesWritten event = at.event();
        parked.put(
                table,
                new ParkedTable(
                        table,
                        obstacle.code(),
                        obstacle.reason(),
                        event == null ? "" : event.id(),
                        at.offset(),
                        backoff,
                        System.nanoTime() + backoff.next().toNanos()));
        if (!same) {
            LOG.atError()
                    .addKeyValue("table", table)
                    .addKeyValue("errorCode", obstacle.code())
                    .addKeyValue("offset", at.offset())
                    .addKeyValue("reason", obstacle.reason())
                    .addKeyValue("nextStep", obstacle.code().nextStep())
                    .log("Parked a table");
        }
    }

    private void retryParked(EventLog log) {
        for (ParkedTable table : parked()) {
            if (table.due(System.nanoTime()) && !isClosing()) {
                retry(table, log);
            }
        }
    }

    /// Goes on for as long as other tables have nothing to wait for: one read, then the loop has its turn.
    private void retry(ParkedTable table, EventLog log) {
        EventLog.Reread reread = log.readAgain(table.offset(), POLL);
        List<FilesWrittenRecord> own = reread.events().stream()
                .filter(event -> event.table().equals(table.table()))
                .toList();
        if (!settleOne(table.table(), own)) {
            return;
        }
        if (reread.next() >= log.position()) {
            parked.remove(table.table());
            LOG.atInfo().addKeyValue("table", table.table()).log("A parked table goes on");
        } else {
            parked.put(
                    table.table(),
                    new ParkedTable(
                            table.table(),
                            table.code(),
                            table.reason(),
                            table.eventId(),
                            reread.next(),
                            table.backoff(),
                            System.nanoTime()));
        }
    }

    private long oldestUnsettled(long position) {
        return Math.min(
                position,
                parked.values().stream().mapToLong(ParkedTable::offset).min().orElse(position));
    }

    private boolean isClosing() {
        return closing.getCount() == 0;
    }

    private void pause(Duration time) {
        try {
            closing.await(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            closing.countDown();
        }
    }

    /// Ends the thread after the commit that it is in.
    @Override
    public void close() {
        closing.countDown();
        try {
            if (!thread.join(Duration.ofMinutes(1))) {
                LOG.atWarn().log("The committing thread did not end within a minute");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        tables.shutdown();
    }
}
