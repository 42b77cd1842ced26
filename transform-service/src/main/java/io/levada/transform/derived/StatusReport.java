package io.levada.transform.derived;

import io.levada.events.TableProperties;
import io.levada.transform.LakeTables;
import io.levada.transform.derived.Standing.Inputs;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/// Compares all derived tables with their inputs for status.
final class StatusReport {
    private final LakeTables lake;
    private final Comparison comparison;

    StatusReport(LakeTables lake, Comparison comparison) {
        this.lake = lake;
        this.comparison = comparison;
    }

    TransformStatus of(Collection<Work> works) {
        List<TransformStatus.Table> tables = new ArrayList<>();
        boolean settled = true;
        for (Work work : works) {
            // An offer is looked at before the table: one that is resolved in between shows in the table.
            boolean busy = work.offer() != null || work.shown().state() == TableState.COMPUTING;
            Standing standing;
            Table table;
            try {
                standing = comparison.of(work.table());
                table = standing instanceof Standing.UpToDate upToDate
                        ? upToDate.table()
                        : lake.load(work.table().name()).orElse(null);
            } catch (RuntimeException e) {
                settled = false;
                tables.add(unknown(work, e));
                continue;
            }
            if (standing instanceof Standing.NotKept) {
                continue;
            }
            settled &= !busy && settled(work, standing);
            tables.add(described(work, standing, table, busy));
        }
        return new TransformStatus(tables, settled);
    }

    private static boolean settled(Work work, Standing standing) {
        return switch (standing) {
            case Standing.NotKept _, Standing.Waiting _, Standing.UpToDate _ -> true;
            case Standing.Stale stale -> failsByDefinition(work, stale.inputs());
        };
    }

    private static boolean failsByDefinition(Work work, Inputs inputs) {
        Work.Failed failed = work.failed();
        return failed != null && failed.byDefinition() && failed.on(inputs);
    }

    private static TransformStatus.Table described(Work work, Standing standing, @Nullable Table table, boolean busy) {
        Work.Shown shown = work.shown();
        TableState state = switch (standing) {
            case Standing.Stale _ when busy -> TableState.COMPUTING;
            case Standing.Stale _ when shown.error() != null -> shown.state();
            case Standing.Stale _ -> TableState.STALE;
            case Standing.UpToDate _ -> TableState.UP_TO_DATE;
            case Standing.NotKept _, Standing.Waiting _ -> TableState.WAITING;
        };
        return new TransformStatus.Table(
                work.table().name(),
                state,
                table == null || table.currentSnapshot() == null
                        ? null
                        : Long.toString(table.currentSnapshot().snapshotId()),
                storedInputs(work, table),
                standing instanceof Standing.Waiting waiting ? waiting.reason() : null,
                standing instanceof Standing.UpToDate ? null : shown.error());
    }

    private static Map<String, String> storedInputs(Work work, @Nullable Table table) {
        Map<String, String> inputs = new TreeMap<>();
        if (table != null) {
            for (String input : work.table().inputs()) {
                String stored = table.properties().get(TableProperties.INPUT + input);
                if (stored != null) {
                    inputs.put(input, stored);
                }
            }
        }
        return inputs;
    }

    private static TransformStatus.Table unknown(Work work, RuntimeException e) {
        TransformStatus.Failure failure = TransformLoop.failure(work, e);
        return new TransformStatus.Table(work.table().name(), work.shown().state(), null, Map.of(), null, failure);
    }
}
