package io.levada.catalog.maintenance;

import java.time.Instant;
import java.util.List;

/// What the last run did to a table.
///
/// @param filesBefore data files of the table; likewise `filesAfter`, `bytesBefore`, `bytesAfter`
/// @param filesRewritten small files that were replaced, by `filesWritten` larger ones
/// @param orphansDeleted files in the table's folder that nothing named
/// @param rowsRemoved rows over the bound of the history that were taken out; `filesRemoved` held them
/// @param problems what could not be done or was left alone
record TableReport(
        String table,
        Instant finishedAt,
        long elapsedMillis,
        long filesBefore,
        long filesAfter,
        long bytesBefore,
        long bytesAfter,
        long filesRewritten,
        long bytesRewritten,
        long filesWritten,
        int manifestsRewritten,
        int snapshotsExpired,
        long orphansDeleted,
        long orphanBytes,
        long rowsRemoved,
        long filesRemoved,
        List<Problem> problems) {
    TableReport {
        problems = List.copyOf(problems);
    }

    TableReport with(OrphanFiles.Deleted orphans) {
        return new TableReport(
                table,
                finishedAt,
                elapsedMillis,
                filesBefore,
                filesAfter,
                bytesBefore,
                bytesAfter,
                filesRewritten,
                bytesRewritten,
                filesWritten,
                manifestsRewritten,
                snapshotsExpired,
                orphans.files(),
                orphans.bytes(),
                rowsRemoved,
                filesRemoved,
                problems);
    }
}
