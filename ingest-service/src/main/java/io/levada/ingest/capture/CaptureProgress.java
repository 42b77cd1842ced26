package io.levada.ingest.capture;

import io.levada.definition.DatabaseSource;
import io.levada.definition.PostgresSource;
import io.levada.definition.QuarantinePolicy;
import io.levada.definition.SourceTable;
import io.levada.events.TableProperties;
import io.levada.ingest.IngestError;
import io.levada.ingest.landing.ChangeTopics;
import io.levada.ingest.quarantine.QuarantineCounts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How far one source is, for status and metrics. Safe for use by several threads.
public final class CaptureProgress {
    private static final String WAITING = "WAITING";
    private static final String LOADING = "LOADING";
    private static final String LOADED = "LOADED";
    private static final String FAILED = "FAILED";

    /// The pace of a load's beginning says nothing of the rest.
    private static final double LEAST_SECONDS = 3;

    private static final class Table {
        private String state = WAITING;
        private int generation;
        private long rows;
        private @Nullable String code;
        private @Nullable String message;
        private @Nullable String nextStep;
        private long bytes;
        private long expectedRows;
        private int stepsRead;
        private int steps;
        private double shareAtStart;
        private long startedAt;

        private void said(@Nullable String newCode, @Nullable String newMessage, @Nullable String newNextStep) {
            code = newCode;
            message = newMessage;
            nextStep = newNextStep;
        }
    }

    private final DatabaseSource source;
    private final QuarantineCounts quarantined;
    private final Map<String, Table> tables = new LinkedHashMap<>();
    private String state = "CONNECTING";
    private @Nullable String code;
    private @Nullable String message;
    private @Nullable String nextStep;
    private @Nullable CapturePosition position;
    private @Nullable CapturePosition endOfInput;
    private @Nullable Long lagBytes;
    private final Map<String, Long> badLoads = new HashMap<>();
    private final Map<String, Long> toldBadLoads = new HashMap<>();
    private @Nullable SlotHealth slot;
    private List<String> gaps = List.of();
    private long changes;

    CaptureProgress(DatabaseSource source, QuarantineCounts quarantined) {
        this.source = source;
        this.quarantined = quarantined;
        source.tables().forEach(table -> tables.put(table.lakeName(), new Table()));
    }

    synchronized void connecting() {
        if (state.equals("STREAMING") || state.equals("PAUSED")) {
            state = "CONNECTING";
        }
        tables.values().stream().filter(table -> table.state.equals(FAILED)).forEach(table -> {
            table.state = WAITING;
            table.said(null, null, null);
        });
    }

    /// What operators said last.
    synchronized void controlled(SourceControl control, @Nullable CapturePosition at) {
        gaps = control.gaps().stream().map(SourceControl.Gap::text).toList();
        position = at == null ? position : at;
        StopCause cause = control.stopped();
        if (cause != null) {
            state = cause.code() == IngestError.CAPTURE_PAUSED ? "PAUSED" : "STOPPED";
            code = cause.code().code();
            message = cause.message() + " (since " + control.since() + ")";
            nextStep = cause.nextStep();
        }
    }

    /// @param now null where the slot is not there
    public synchronized void slot(@Nullable SlotHealth now) {
        slot = now;
    }

    public synchronized void streaming(CapturePosition from) {
        state = "STREAMING";
        code = null;
        message = null;
        nextStep = null;
        position = from;
    }

    public synchronized void published(CapturePosition now, int count) {
        position = now;
        changes += count;
    }

    /// @param bytes log between the published position and the server's end
    public synchronized void behindBy(long bytes) {
        lagBytes = Math.max(0, bytes);
    }

    public synchronized Optional<CapturePosition> position() {
        return Optional.ofNullable(position);
    }

    synchronized void retrying(SourceTrouble trouble) {
        state = "RETRYING";
        code = trouble.code().code();
        message = trouble.message();
        nextStep = trouble.nextStep();
    }

    synchronized void stopped(SourceProblem problem) {
        state = "STOPPED";
        code = problem.code().code();
        message = problem.getMessage();
        nextStep = problem.nextStep();
    }

    /// @param expectedRows as the database estimates them; 0 where it does not know
    public synchronized void tableLoads(String table, int generation, long expectedRows) {
        Table progress = of(table);
        progress.state = LOADING;
        progress.generation = generation;
        progress.rows = 0;
        progress.bytes = 0;
        progress.expectedRows = expectedRows;
        progress.stepsRead = 0;
        progress.steps = 0;
        progress.startedAt = System.nanoTime();
        progress.said(null, null, null);
    }

    /// @param read of the load's steps, those before this session among them
    public synchronized void stepsRead(String table, int read, int steps) {
        Table progress = of(table);
        if (progress.steps == 0) {
            progress.shareAtStart = (double) read / steps;
        }
        progress.stepsRead = read;
        progress.steps = steps;
    }

    public synchronized void tableWaits(String table, String why) {
        Table progress = of(table);
        progress.state = WAITING;
        progress.said(null, why, null);
    }

    public synchronized boolean hasFailed(String table) {
        return of(table).state.equals(FAILED);
    }

    public synchronized void rowsLoaded(String table, long rows, long bytes) {
        Table progress = of(table);
        progress.state = LOADING;
        progress.said(null, null, null);
        progress.rows += rows;
        progress.bytes += bytes;
    }

    public synchronized void tableLoaded(String table, int generation) {
        Table progress = of(table);
        progress.state = LOADED;
        progress.generation = generation;
        progress.said(null, null, null);
    }

    public void quarantined(Map<QuarantineCounts.Kind, Long> rows) {
        quarantined.add(rows);
        synchronized (this) {
            rows.forEach((kind, count) -> badLoads.merge(kind.table(), count, Long::sum));
        }
    }

    /// Changes put into quarantine since this process started.
    synchronized long refusedChanges() {
        return allQuarantined()
                - badLoads.values().stream().mapToLong(Long::longValue).sum();
    }

    private long allQuarantined() {
        return source.tables().stream()
                .mapToLong(table -> quarantined.rows(table.rawTable(source.name())))
                .sum();
    }

    /// A load with too many bad rows that nobody has been told of; in words.
    synchronized Optional<String> badLoad(QuarantinePolicy policy) {
        for (SourceTable table : source.tables()) {
            String name = table.rawTable(source.name());
            long bad = badLoads.getOrDefault(name, 0L) - toldBadLoads.getOrDefault(name, 0L);
            if (policy.isExceeded(bad, Math.max(of(table.lakeName()).rows, bad))) {
                toldBadLoads.put(name, badLoads.getOrDefault(name, 0L));
                return Optional.of(bad + " rows of the load of " + table.qualifiedName() + " went to quarantine");
            }
        }
        return Optional.empty();
    }

    /// Whether the log is published up to a position.
    public synchronized boolean hasPassed(long lsn) {
        return position != null && Long.compareUnsigned(position.commitLsn(), lsn) >= 0;
    }

    public synchronized void tableFailed(String table, SourceProblem problem) {
        Table progress = of(table);
        progress.state = FAILED;
        progress.said(problem.code().code(), problem.getMessage(), problem.nextStep());
    }

    synchronized Optional<Integer> generation(String table) {
        Table progress = of(table);
        return progress.state.equals(LOADED) ? Optional.of(progress.generation) : Optional.empty();
    }

    public synchronized boolean allLoadsEnded() {
        return tables.values().stream().allMatch(table -> table.state.equals(LOADED) || table.state.equals(FAILED));
    }

    public synchronized void endOfInput(CapturePosition at) {
        endOfInput = at;
    }

    public synchronized Optional<CapturePosition> endOfInput() {
        return Optional.ofNullable(endOfInput);
    }

    /// What the tables must hold before all that was in the source when capture started has passed.
    public synchronized SourceStatus.EndOfInput endOfInput(ChangeTopics topics) {
        if (endOfInput == null || !allLoadsEnded()) {
            return new SourceStatus.EndOfInput(false, Map.of());
        }
        Map<String, Map<String, Long>> wanted = new LinkedHashMap<>();
        for (SourceTable table : source.tables()) {
            Map<String, Long> properties = new HashMap<>();
            generation(table.lakeName())
                    .ifPresent(generation -> properties.put(TableProperties.LOAD_GENERATION, (long) generation));
            String topic = SourceCapture.topic(source, table);
            Long offset = endOfInput.ends().get(topic);
            if (offset != null) {
                properties.put(topics.offsetProperty(topic), offset);
            }
            wanted.put(table.rawTable(source.name()), properties);
        }
        return new SourceStatus.EndOfInput(true, wanted);
    }

    synchronized long changes() {
        return changes;
    }

    private Table of(String table) {
        return tables.computeIfAbsent(table, _ -> new Table());
    }

    synchronized SourceStatus status() {
        boolean loading = tables.values().stream().anyMatch(table -> table.state.equals(LOADING));
        return new SourceStatus(
                source.name(),
                source.type(),
                loading && state.equals("STREAMING") ? LOADING : state,
                code,
                message,
                nextStep,
                position == null ? null : position.committed().text(),
                position == null ? null : position.commitTime(),
                lagBytes,
                slot == null ? null : slot.retainedBytes(),
                alarms(),
                gaps,
                changes,
                allQuarantined(),
                source.tables().stream().map(this::tableStatus).toList());
    }

    private List<SourceStatus.Alarm> alarms() {
        if (slot == null) {
            return List.of();
        }
        List<SourceStatus.Alarm> alarms = new ArrayList<>();
        if (slot.inDanger()) {
            alarms.add(alarm(
                    IngestError.CAPTURE_SLOT_UNRESERVED,
                    "The server may remove log that source " + source.name() + " has not read yet",
                    "Raise max_slot_wal_keep_size and run SELECT pg_reload_conf(), or let the source run"));
        }
        if (source instanceof PostgresSource postgres && slot.retainedBytes() > postgres.logLimit()) {
            alarms.add(alarm(
                    IngestError.CAPTURE_LOG_LIMIT,
                    "The server keeps " + slot.retainedBytes() + " bytes of log for source " + source.name()
                            + ", more than log-limit " + postgres.logLimit(),
                    "See why it does not go on (state, lag); ./levada source drop " + source.name()
                            + " frees the log, and the source has to be loaded anew then"));
        }
        return alarms;
    }

    private static SourceStatus.Alarm alarm(IngestError code, String message, String nextStep) {
        return new SourceStatus.Alarm(code.code(), message, nextStep);
    }

    private SourceStatus.TableStatus tableStatus(SourceTable table) {
        Table progress = of(table.lakeName());
        return new SourceStatus.TableStatus(
                table.rawTable(source.name()),
                progress.state,
                progress.generation,
                progress.rows,
                progress.bytes,
                share(progress),
                secondsLeft(progress),
                quarantined.rows(table.rawTable(source.name())),
                progress.code,
                progress.message,
                progress.nextStep);
    }

    private static @Nullable Double share(Table table) {
        if (!table.state.equals(LOADING)) {
            return null;
        }
        double ofSteps = table.steps == 0 ? 0 : (double) table.stepsRead / table.steps;
        double ofRows = table.expectedRows == 0
                ? 0
                : table.shareAtStart
                        + (1 - table.shareAtStart)
                                * table.rows
                                / Math.max(1, table.expectedRows * (1 - table.shareAtStart));
        return Math.min(0.99, Math.max(ofSteps, ofRows));
    }

    private static @Nullable Long secondsLeft(Table table) {
        Double share = share(table);
        if (share == null || share <= table.shareAtStart) {
            return null;
        }
        double seconds = (System.nanoTime() - table.startedAt) / 1e9;
        if (seconds < LEAST_SECONDS) {
            return null;
        }
        return Math.round(seconds * (1 - share) / (share - table.shareAtStart));
    }
}
