package io.levada.ingest.capture;

import io.levada.definition.DatabaseSource;
import io.levada.definition.SourceTable;
import io.levada.events.FilesWritten;
import io.levada.events.LoadChunk;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The load of one table from the first step that is missing: its steps are read by several threads, and
/// offered in order. What was read when a load ends and is not offered is read again. Safe for use by several
/// threads.
public final class LoadedSteps {
    private static final Logger LOG = LoggerFactory.getLogger(LoadedSteps.class);

    private final DatabaseSource source;
    private final SourceTable table;
    private final SourceLog log;
    private final LoadFiles files;
    private final CaptureProgress progress;
    private final Completion completion;
    private final int resumedAt;
    private final Map<Integer, Step> read = new TreeMap<>();
    private LoadPlan plan;
    private long rows;
    private volatile @Nullable Exception failure;

    private record Step(LoadChunk chunk, LoadedChunk loaded) {}

    /// Asked once all other steps are offered.
    @FunctionalInterface
    public interface Completion {
        /// The end of the table's change topic that must be landed before the load counts; null where it
        /// counts at once.
        @Nullable
        Long completeAt() throws SQLException, InterruptedException;
    }

    /// @param plan with steps
    public LoadedSteps(
            DatabaseSource source,
            SourceTable table,
            LoadPlan plan,
            SourceLog log,
            LoadFiles files,
            CaptureProgress progress,
            Completion completion) {
        this.source = source;
        this.table = table;
        this.plan = plan;
        this.log = log;
        this.files = files;
        this.progress = progress;
        this.completion = completion;
        this.resumedAt = plan.offered();
    }

    public SourceTable table() {
        return table;
    }

    /// The first step that is to be read, and how many there are.
    public int first() {
        return resumedAt;
    }

    public synchronized int count() {
        return plan.chunks();
    }

    /// What ended the load; then its other steps are not read.
    public @Nullable Exception failure() {
        return failure;
    }

    public void fail(Exception e) {
        if (failure == null) {
            failure = e;
        }
    }

    /// Notes progress within a step.
    ///
    /// @throws IllegalStateException where the load has ended
    public void rowsRead(long count, long bytes) {
        if (failure != null) {
            throw new IllegalStateException("The load of " + table.qualifiedName() + " was stopped", failure);
        }
        progress.rowsLoaded(table.lakeName(), count, bytes);
    }

    /// What the rows of a step say.
    ///
    /// @param pos the place among the changes that they stand at
    public synchronized LoadChunk chunk(int step, String pos) {
        return new LoadChunk(table.rawTable(source.name()), plan.generation(), step, plan.chunks(), pos, null);
    }

    /// Takes a step that was read, and offers those that are next.
    public synchronized void read(LoadChunk chunk, LoadedChunk loaded) throws SQLException, InterruptedException {
        take(chunk, loaded);
        for (Step next = read.remove(plan.offered()); next != null; next = read.remove(plan.offered())) {
            boolean last = next.chunk().chunk() == plan.chunks() - 1;
            Long completeAt = last ? completion.completeAt() : null;
            offer(completed(next.chunk(), completeAt), List.of(next.loaded()), plan.offered(1));
        }
    }

    /// Takes a step that was read, and offers all as one once they are there.
    public synchronized void readOfWhole(LoadChunk chunk, LoadedChunk loaded)
            throws SQLException, InterruptedException {
        take(chunk, loaded);
        if (read.size() == plan.chunks()) {
            LoadChunk whole =
                    new LoadChunk(chunk.table(), chunk.generation(), 0, 1, chunk.pos(), completion.completeAt());
            List<LoadedChunk> parts = read.values().stream().map(Step::loaded).toList();
            offer(whole, parts, plan.offered(plan.chunks()));
            read.clear();
        }
    }

    private void take(LoadChunk chunk, LoadedChunk loaded) {
        read.put(chunk.chunk(), new Step(chunk, loaded));
        progress.stepsRead(table.lakeName(), plan.offered() + read.size(), plan.chunks());
    }

    private static LoadChunk completed(LoadChunk chunk, @Nullable Long completeAt) {
        return new LoadChunk(chunk.table(), chunk.generation(), chunk.chunk(), chunk.chunks(), chunk.pos(), completeAt);
    }

    private void offer(LoadChunk chunk, List<LoadedChunk> loaded, LoadPlan after) {
        FilesWritten event = FilesWritten.chunk(
                "load-" + source.name() + "-" + table.lakeName() + "-" + chunk.generation() + "-" + chunk.chunk() + "-"
                        + UUID.randomUUID(),
                chunk.table(),
                loaded.getFirst().schemaId(),
                loaded.stream().flatMap(part -> part.files().stream()).toList(),
                chunk);
        files.manifest(event, loaded.getFirst().runId());
        List<FilesWritten> events = new ArrayList<>();
        for (LoadedChunk part : loaded) {
            if (part.quarantine() != null) {
                events.add(part.quarantine());
            }
        }
        events.add(event);
        log.offer(after, events);
        plan = after;
        files.offered(chunk.table());
        loaded.forEach(this::count);
        if (after.written()) {
            progress.tableLoaded(table.lakeName(), after.generation());
            LOG.atInfo()
                    .addKeyValue("table", chunk.table())
                    .addKeyValue("generation", after.generation())
                    .log("Loaded {} rows in {} steps", rows, after.chunks() - resumedAt);
        }
    }

    private void count(LoadedChunk part) {
        rows += part.rows();
        progress.quarantined(part.quarantined());
        part.quarantined()
                .forEach((kind, count) -> LOG.atWarn()
                        .addKeyValue("table", kind.table())
                        .addKeyValue("errorCode", kind.code())
                        .log("{} rows of the load are in quarantine", count));
    }
}
