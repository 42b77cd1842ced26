package io.levada.catalog.maintenance;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What maintenance does now, and what it did last.
///
/// @param state `RUNNING`, `IDLE`, or `OFF` where it runs only when it is asked to
/// @param run number of the run that goes on, or of the last one
/// @param finished number of the last run that has ended
/// @param table that is worked at; null between tables
/// @param step that is worked at
/// @param tables what was done to each table last
/// @param orphans what was deleted last that belongs to no table, and what stood in the way
record MaintenanceState(
        String state,
        long run,
        long finished,
        @Nullable String table,
        @Nullable String step,
        @Nullable Instant finishedAt,
        List<TableReport> tables,
        OrphanReport orphans) {
    /// @param manifestsDeleted manifests of runs that have no file any more
    /// @param purgedFiles files of dropped tables
    /// @param lookedAt when folders were listed last; null where that was not done yet
    record OrphanReport(
            long manifestsDeleted,
            long purgedFiles,
            long purgedBytes,
            @Nullable Instant lookedAt,
            List<Problem> problems) {
        static final OrphanReport NONE = new OrphanReport(0, 0, 0, null, List.of());

        OrphanReport {
            problems = List.copyOf(problems);
        }
    }
}
