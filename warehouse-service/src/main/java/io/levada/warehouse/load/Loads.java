package io.levada.warehouse.load;

import io.levada.definition.WarehouseLoad;
import io.levada.lake.ContentSnapshot;
import io.levada.lake.LakeUnreachableException;
import io.levada.lake.storage.BorrowedFiles;
import io.levada.lake.storage.CopyFailure;
import io.levada.lake.storage.LocalCopies;
import io.levada.sql.ErrorCode;
import io.levada.sql.QueryException;
import io.levada.sql.TableSnapshot;
import io.levada.warehouse.WarehouseError;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The definition's loads. What is to do is found by comparing the snapshot that the warehouse holds with
/// the lake's newest one; an event only says when to look.
///
/// One thread sweeps; status may be asked by several.
final class Loads {
    private static final Logger log = LoggerFactory.getLogger(Loads.class);

    private final Collection<WarehouseLoad> definition;
    private final Lake lake;
    private final WarehouseDatabase database;
    private final SnapshotLoad snapshotLoad;
    private final LocalCopies copies;
    private final LoadedPublisher publisher;
    private final WarehouseMetrics metrics;
    private final Map<String, LoadState> states = new ConcurrentHashMap<>();

    Loads(
            Collection<WarehouseLoad> definition,
            Lake lake,
            WarehouseDatabase database,
            SnapshotLoad snapshotLoad,
            LocalCopies copies,
            LoadedPublisher publisher,
            WarehouseMetrics metrics) {
        this.definition = List.copyOf(definition);
        this.lake = lake;
        this.database = database;
        this.snapshotLoad = snapshotLoad;
        this.copies = copies;
        this.publisher = publisher;
        this.metrics = metrics;
    }

    boolean reads(String table) {
        return definition.stream().anyMatch(load -> load.from().equals(table));
    }

    /// Loads what is not up to date, each load for itself, and publishes what is not published.
    void sweep() throws SQLException {
        Map<String, LoadedTable> loaded = database.loads();
        for (WarehouseLoad load : definition) {
            attempt(load, loaded.get(load.target()));
        }
        for (LoadedTable done : database.loads().values()) {
            if (!done.published()) {
                publisher.publish(done);
                database.published(done);
            }
        }
    }

    private void attempt(WarehouseLoad load, @Nullable LoadedTable before) {
        Long snapshotId = null;
        try {
            Optional<Table> table = lake.load(load.from());
            Snapshot newest = table.map(Table::currentSnapshot).orElse(null);
            if (table.isEmpty() || newest == null) {
                states.put(load.target(), new LoadState.Waiting());
                return;
            }
            snapshotId = ContentSnapshot.id(newest);
            if (holds(load, before, snapshotId)) {
                states.put(load.target(), new LoadState.UpToDate(snapshotId));
                return;
            }
            if (states.get(load.target()) instanceof LoadState.Failed failed
                    && snapshotId.equals(failed.snapshotId())
                    && failed.isFinal()) {
                return;
            }
            states.put(load.target(), new LoadState.Loading(snapshotId));
            load(load, table.get(), before);
            states.put(load.target(), new LoadState.UpToDate(snapshotId));
        } catch (QueryException e) {
            failed(load, snapshotId, e.error(), e.detail(), e);
        } catch (LakeUnreachableException e) {
            failed(load, null, WarehouseError.CATALOG_UNREACHABLE, String.valueOf(e.getMessage()), e);
        } catch (CopyFailure e) {
            failed(load, snapshotId, code(e.kind()), String.valueOf(e.getMessage()), e);
        } catch (UncheckedIOException e) {
            failed(load, snapshotId, WarehouseError.STORAGE_UNAVAILABLE, String.valueOf(e.getMessage()), e);
        } catch (SQLException | RuntimeException e) {
            failed(load, snapshotId, WarehouseError.LOAD_FAILED, String.valueOf(e.getMessage()), e);
        }
    }

    private static WarehouseError code(CopyFailure.Kind kind) {
        return switch (kind) {
            case TOO_LARGE -> WarehouseError.CACHE_TOO_SMALL;
            case DISK_FULL -> WarehouseError.DISK_FULL;
            case STORAGE -> WarehouseError.STORAGE_UNAVAILABLE;
        };
    }

    private void load(WarehouseLoad load, Table table, @Nullable LoadedTable before) throws SQLException {
        long started = System.nanoTime();
        TableSnapshot snapshot = TableSnapshot.newest(load.from(), table);
        LoadedTable loaded;
        try (BorrowedFiles files = copies.borrow(table.io(), snapshot.table().locations())) {
            loaded = snapshotLoad.run(load, snapshot.withFiles(files::path), before);
        }
        Duration elapsed = Duration.ofNanos(System.nanoTime() - started);
        metrics.loaded(loaded, elapsed);
        log.atInfo()
                .addKeyValue("table", load.target())
                .addKeyValue("snapshotId", loaded.snapshotId())
                .addKeyValue("rows", loaded.rows())
                .addKeyValue("inserted", loaded.inserted())
                .addKeyValue("updated", loaded.updated())
                .addKeyValue("deleted", loaded.deleted())
                .addKeyValue("elapsedMillis", elapsed.toMillis())
                .log("Loaded a snapshot");
    }

    private void failed(
            WarehouseLoad load, @Nullable Long snapshotId, ErrorCode error, String detail, Exception cause) {
        LoadState.Failed failed = new LoadState.Failed(snapshotId, error, detail);
        LoadState previous = states.put(load.target(), failed);
        metrics.failed(error);
        if (failed.equals(previous)) {
            return;
        }
        log.atWarn()
                .addKeyValue("table", load.target())
                .addKeyValue("errorCode", error.code())
                .addKeyValue("snapshotId", snapshotId)
                .setCause(error.kind() == ErrorCode.Kind.USER ? null : cause)
                .log("A load failed: {}", detail);
    }

    private static boolean holds(WarehouseLoad load, @Nullable LoadedTable loaded, long snapshotId) {
        return loaded != null
                && loaded.snapshotId() == snapshotId
                && loaded.from().equals(load.from())
                && loaded.key().equals(WarehouseDatabase.key(load));
    }

    /// The loads now, and whether the warehouse holds the lake's newest snapshot of all of them.
    Status status() throws SQLException {
        Map<String, LoadedTable> loaded = database.loads();
        boolean settled = true;
        List<LoadStatus> loads = new ArrayList<>();
        for (WarehouseLoad load : definition) {
            LoadedTable held = loaded.get(load.target());
            boolean upToDate = isUpToDate(load, held);
            settled &= upToDate && held != null && held.published();
            LoadState state = states.getOrDefault(load.target(), new LoadState.Unknown());
            loads.add(new LoadStatus(
                    load.target(),
                    load.from(),
                    upToDate ? "UP_TO_DATE" : state instanceof LoadState.UpToDate ? "STALE" : state.label(),
                    held == null ? null : Long.toString(held.snapshotId()),
                    held == null ? null : held.rows(),
                    held == null ? null : held.loadedAt(),
                    !upToDate && state instanceof LoadState.Failed failed
                            ? new LoadError(
                                    failed.error().code(),
                                    failed.detail(),
                                    failed.error().nextStep())
                            : null));
        }
        return new Status(loads, settled);
    }

    private boolean isUpToDate(WarehouseLoad load, @Nullable LoadedTable held) {
        try {
            Snapshot newest = lake.load(load.from()).map(Table::currentSnapshot).orElse(null);
            return newest != null && holds(load, held, ContentSnapshot.id(newest));
        } catch (RuntimeException e) {
            log.atDebug().setCause(e).log("The lake's tables can not be compared");
            return false;
        }
    }

    /// @param settled whether nothing is left to load or to publish
    record Status(List<LoadStatus> loads, boolean settled) {}

    record LoadStatus(
            String target,
            String from,
            String state,
            @Nullable String snapshotId,
            @Nullable Long rows,
            @Nullable Instant loadedAt,
            @Nullable LoadError error) {}

    record LoadError(String code, String detail, String nextStep) {}
}
