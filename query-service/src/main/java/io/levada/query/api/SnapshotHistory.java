package io.levada.query.api;

import io.levada.events.SnapshotInputs;
import io.levada.events.TablePosition;
import io.levada.events.TableProperties;
import io.levada.lake.MainLine;
import io.levada.sql.HistoryPage;
import io.levada.sql.QueryException;
import io.levada.sql.SqlError;
import io.levada.sql.TableDetail;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.SnapshotUtil;
import org.jspecify.annotations.Nullable;

/// The snapshots that a table keeps, and what each says of its cause.
final class SnapshotHistory {
    private final String name;
    private final Table table;

    SnapshotHistory(String name, Table table) {
        this.name = name;
        this.table = table;
    }

    /// @param more whether there are older ones than these
    record Page(List<TableDetail.Snapshot> snapshots, boolean more) {}

    /// @throws QueryException [SqlError#SNAPSHOT_UNKNOWN] where the page begins at a snapshot that is not kept
    Page page(HistoryPage page) {
        long below =
                page.before() == null ? Long.MAX_VALUE : kept(page.before()).sequenceNumber();
        List<Snapshot> older = newestFirst().stream()
                .filter(snapshot -> snapshot.sequenceNumber() < below)
                .limit(page.limit() + 1L)
                .toList();
        Map<Long, List<String>> refs = new HashMap<>();
        new TreeMap<>(table.refs())
                .forEach((name, ref) -> refs.computeIfAbsent(ref.snapshotId(), _ -> new ArrayList<>())
                        .add(name));
        return new Page(
                older.stream()
                        .limit(page.limit())
                        .map(snapshot -> told(snapshot, refs.getOrDefault(snapshot.snapshotId(), List.of())))
                        .toList(),
                older.size() > page.limit());
    }

    /// The snapshot with this id.
    ///
    /// @throws QueryException [SqlError#SNAPSHOT_UNKNOWN]
    Snapshot kept(long id) {
        Snapshot snapshot = table.snapshot(id);
        if (snapshot == null) {
            throw unknown("has no snapshot " + id + " (any more)");
        }
        return snapshot;
    }

    /// The snapshot that a tag or branch points to, or that has the id that the text is.
    ///
    /// @throws QueryException [SqlError#SNAPSHOT_UNKNOWN]
    Snapshot kept(String ref) {
        Snapshot snapshot = table.snapshot(ref);
        if (snapshot != null) {
            return snapshot;
        }
        if (ref.matches("[0-9]{1,18}|[0-8][0-9]{18}|9[01][0-9]{17}|922[0-2][0-9]{15}")) {
            return kept(Long.parseLong(ref));
        }
        throw unknown("has no tag, branch or snapshot '" + ref + "'");
    }

    /// The snapshot that was the table's current one at that time; where maintenance has left only some of those
    /// of that time, the last one before it.
    ///
    /// @throws QueryException [SqlError#SNAPSHOT_UNKNOWN] before the first one, and where it is not kept
    Snapshot kept(Instant time) {
        @Nullable Long id = SnapshotUtil.nullableSnapshotIdAsOfTime(table, time.toEpochMilli());
        return id == null
                ? thinned(time).orElseThrow(() -> unknown("had no snapshot at " + time + " that is known"))
                : kept(id);
    }

    /// Iceberg's own log of a table begins where no snapshot is missing any more.
    private Optional<Snapshot> thinned(Instant time) {
        String since = table.properties().get(MainLine.THINNED_SINCE);
        return since == null || time.toEpochMilli() < Long.parseLong(since)
                ? Optional.empty()
                : MainLine.of(table).at(time);
    }

    private QueryException unknown(String what) {
        List<Snapshot> kept = newestFirst();
        return new QueryException(
                SqlError.SNAPSHOT_UNKNOWN,
                "The table " + name + " " + what
                        + (kept.isEmpty()
                                ? "; it has none at all yet"
                                : "; the oldest that is kept is "
                                        + kept.getLast().snapshotId() + " of "
                                        + Instant.ofEpochMilli(kept.getLast().timestampMillis())));
    }

    private List<Snapshot> newestFirst() {
        return StreamSupport.stream(table.snapshots().spliterator(), false)
                .sorted(Comparator.comparingLong(Snapshot::sequenceNumber)
                        .thenComparingLong(Snapshot::timestampMillis)
                        .reversed())
                .toList();
    }

    private static TableDetail.Snapshot told(Snapshot snapshot, List<String> refs) {
        Map<String, String> summary = snapshot.summary();
        SnapshotInputs inputs = SnapshotInputs.in(summary);
        return new TableDetail.Snapshot(
                Long.toString(snapshot.snapshotId()),
                text(snapshot.parentId()),
                Instant.ofEpochMilli(snapshot.timestampMillis()),
                snapshot.operation(),
                summary.get(TableProperties.SUMMARY_CAUSE),
                events(summary.get(TableProperties.SUMMARY_EVENTS)),
                refs,
                number(summary, SnapshotSummary.TOTAL_RECORDS_PROP),
                orZero(number(summary, SnapshotSummary.ADDED_RECORDS_PROP)),
                orZero(number(summary, SnapshotSummary.DELETED_RECORDS_PROP)),
                orZero(number(summary, SnapshotSummary.ADDED_FILES_PROP)),
                orZero(number(summary, SnapshotSummary.DELETED_FILES_PROP)),
                TablePosition.sources(TablePosition.in(summary)),
                new TableDetail.MadeOf(
                        inputs.tables().stream()
                                .map(input -> new TableDetail.InputSnapshot(
                                        input.table(), text(input.from()), Long.toString(input.to())))
                                .toList(),
                        inputs.ranges(),
                        inputs.chunks(),
                        inputs.fileNumbers(),
                        inputs.files(),
                        inputs.unnamed()));
    }

    private static List<String> events(@Nullable String ids) {
        return ids == null || ids.isEmpty() ? List.of() : List.of(ids.split(","));
    }

    private static @Nullable String text(@Nullable Long id) {
        return id == null ? null : id.toString();
    }

    private static @Nullable Long number(Map<String, String> summary, String name) {
        String number = summary.get(name);
        return number == null ? null : Long.valueOf(number);
    }

    private static long orZero(@Nullable Long number) {
        return number == null ? 0 : number;
    }
}
