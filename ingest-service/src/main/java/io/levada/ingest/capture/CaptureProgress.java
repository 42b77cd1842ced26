package io.levada.ingest.capture;

import io.levada.definition.PostgresSource;
import io.levada.definition.SourceTable;
import io.levada.ingest.quarantine.QuarantineCounts;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How far one source is, for status and metrics. Safe for use by several threads.
final class CaptureProgress {
    private static final String WAITING = "WAITING";
    private static final String LOADING = "LOADING";
    private static final String LOADED = "LOADED";
    private static final String FAILED = "FAILED";

    private static final class Table {
        private String state = WAITING;
        private int generation;
        private long rows;
        private @Nullable String code;
        private @Nullable String message;
        private long bytes;
        private long expectedRows;
        private int stepsRead;
        private int steps;
        private double shareAtStart;
        private long startedAt;
    }

    private final PostgresSource source;
    private final QuarantineCounts quarantined;
    private final Map<String, Table> tables = new LinkedHashMap<>();
    private String state = "CONNECTING";
    private @Nullable String code;
    private @Nullable String message;
    private @Nullable String nextStep;
    private @Nullable CapturePosition position;
    private @Nullable CapturePosition endOfInput;
    private @Nullable Long serverLsn;
    private long changes;

    CaptureProgress(PostgresSource source, QuarantineCounts quarantined) {
        this.source = source;
        this.quarantined = quarantined;
        source.tables().forEach(table -> tables.put(table.lakeName(), new Table()));
    }

    synchronized void connecting() {
        if (state.equals("STREAMING")) {
            state = "CONNECTING";
        }
        tables.values().stream().filter(table -> table.state.equals(FAILED)).forEach(table -> {
            table.state = WAITING;
            table.code = null;
            table.message = null;
        });
    }

    synchronized void streaming(CapturePosition from) {
        state = "STREAMING";
        code = null;
        message = null;
        nextStep = null;
        position = from;
    }

    synchronized void published(CapturePosition now, int count) {
        position = now;
        changes += count;
    }

    synchronized void serverIsAt(long lsn) {
        serverLsn = lsn;
    }

    synchronized void retrying(Exception e) {
        state = "RETRYING";
        code = io.levada.ingest.IngestError.CAPTURE_SOURCE_AWAY.code();
        message = rootMessage(e);
        nextStep = "Levada tries again by itself; see that the database accepts connections";
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root.getClass().getSimpleName() + ": " + root.getMessage();
    }

    synchronized void stopped(SourceProblem problem) {
        state = "STOPPED";
        code = problem.code().code();
        message = problem.getMessage();
        nextStep = problem.nextStep();
    }

    /// @param expectedRows as the database estimates them; 0 where it does not know
    synchronized void tableLoads(String table, int generation, long expectedRows) {
        Table progress = of(table);
        progress.state = LOADING;
        progress.generation = generation;
        progress.rows = 0;
        progress.bytes = 0;
        progress.expectedRows = expectedRows;
        progress.stepsRead = 0;
        progress.steps = 0;
        progress.startedAt = System.nanoTime();
        progress.message = null;
    }

    /// @param read of the load's steps, those before this session among them
    synchronized void stepsRead(String table, int read, int steps) {
        Table progress = of(table);
        if (progress.steps == 0) {
            progress.shareAtStart = (double) read / steps;
        }
        progress.stepsRead = read;
        progress.steps = steps;
    }

    synchronized void tableWaits(String table, String why) {
        Table progress = of(table);
        progress.state = WAITING;
        progress.message = why;
    }

    synchronized void rowsLoaded(String table, long rows, long bytes) {
        Table progress = of(table);
        progress.state = LOADING;
        progress.message = null;
        progress.rows += rows;
        progress.bytes += bytes;
    }

    synchronized void tableLoaded(String table, int generation) {
        Table progress = of(table);
        progress.state = LOADED;
        progress.generation = generation;
        progress.message = null;
    }

    void quarantined(Map<QuarantineCounts.Kind, Long> rows) {
        quarantined.add(rows);
    }

    synchronized void tableFailed(String table, SourceProblem problem) {
        Table progress = of(table);
        progress.state = FAILED;
        progress.code = problem.code().code();
        progress.message = problem.getMessage() + " Next step: " + problem.nextStep();
    }

    synchronized Optional<Integer> generation(String table) {
        Table progress = of(table);
        return progress.state.equals(LOADED) ? Optional.of(progress.generation) : Optional.empty();
    }

    synchronized boolean allLoadsEnded() {
        return tables.values().stream().allMatch(table -> table.state.equals(LOADED) || table.state.equals(FAILED));
    }

    synchronized void endOfInput(CapturePosition at) {
        endOfInput = at;
    }

    synchronized Optional<CapturePosition> endOfInput() {
        return Optional.ofNullable(endOfInput);
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
                "postgres",
                loading && state.equals("STREAMING") ? LOADING : state,
                code,
                message,
                nextStep,
                position == null ? null : PostgresServer.lsnText(position.commitLsn()),
                position == null ? null : position.commitTime(),
                serverLsn == null || position == null ? null : Math.max(0, serverLsn - position.commitLsn()),
                changes,
                source.tables().stream()
                        .mapToLong(table -> quarantined.rows(table.rawTable(source.name())))
                        .sum(),
                source.tables().stream().map(this::tableStatus).toList());
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
                progress.message);
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
        return Math.round(seconds * (1 - share) / (share - table.shareAtStart));
    }
}
