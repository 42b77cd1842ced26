package io.levada.catalog.commit;

import io.levada.catalog.CatalogBackend;
import io.levada.catalog.LineageReport;
import io.levada.events.SourcePosition;
import io.levada.events.TablePosition;
import io.levada.lake.LakeCatalog;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/// `GET /v1/status`: tables, what is parked, and how many events are not settled.
@RestController
class StatusController {
    private static final Logger LOG = LoggerFactory.getLogger(StatusController.class);

    private final CatalogBackend catalog;
    private final CommitLoop loop;
    private final ControlTopics topics;
    private final Completeness completeness;
    private final LineageReport.Progress lineage;

    StatusController(
            CatalogBackend catalog,
            CommitLoop loop,
            ControlTopics topics,
            Completeness completeness,
            LineageReport.Progress lineage) {
        this.catalog = catalog;
        this.loop = loop;
        this.topics = topics;
        this.completeness = completeness;
        this.lineage = lineage;
    }

    /// @param pendingEvents 0 where every event in Kafka is settled, at most the number of those that are not,
    ///     negative where Kafka does not tell
    /// @param lineage how far those who are told of lineage are behind; null where nobody is
    record Status(
            List<TableStatus> tables,
            List<Parked> parked,
            long pendingEvents,
            @Nullable LineageReport lineage) {}

    /// @param completeTo by source, as far as is known now
    record TableStatus(
            String name,
            @Nullable String snapshotId,
            long rows,
            long files,
            long bytes,
            @Nullable Instant committedAt,
            Map<String, SourcePosition> completeTo,
            Map<String, String> properties) {}

    record Parked(String table, String code, String reason, String eventId, String nextStep) {}

    @GetMapping("/v1/status")
    Status status() {
        // First the events, then the tables: with nothing pending the tables shown hold all of them.
        long pending = pendingEvents();
        List<Parked> parked = loop.parked().stream()
                .map(table -> new Parked(
                        table.table(),
                        table.code().name(),
                        table.reason(),
                        table.eventId(),
                        table.code().nextStep()))
                .sorted(Comparator.comparing(Parked::table))
                .toList();
        List<TableStatus> tables = catalog.namespaces().listNamespaces().stream()
                .flatMap(namespace -> catalog.tables().listTables(namespace).stream())
                .map(id -> id.namespace() + "." + id.name())
                .sorted()
                .flatMap(name -> table(name).stream())
                .toList();
        return new Status(tables, parked, pending, lineage.report());
    }

    /// How far tables at certain snapshots are complete: for a current snapshot as far as is known now, for an
    /// earlier one as far as it says of itself. Tables and snapshots that do not exist are complete to nothing.
    ///
    /// @param tables each `namespace.name@snapshotId`
    /// @return by table and source
    @GetMapping("/v1/positions")
    Map<String, Map<String, SourcePosition>> positions(@RequestParam("table") List<String> tables) {
        Map<String, Map<String, SourcePosition>> positions = new TreeMap<>();
        for (String table : tables) {
            int at = table.lastIndexOf('@');
            String name = at < 0 ? "" : table.substring(0, at);
            positions.put(name, TablePosition.sources(completeness.of(name, snapshotId(table, name))));
        }
        return positions;
    }

    private static long snapshotId(String table, String name) {
        try {
            if (name.indexOf('.') > 0) {
                return Long.parseLong(table.substring(name.length() + 1));
            }
        } catch (NumberFormatException _) {
            // Refused below.
        }
        throw new ResponseStatusException(HttpStatus.BAD_REQUEST, "'" + table + "' is not namespace.name@snapshotId");
    }

    private long pendingEvents() {
        try {
            long end = topics.filesWrittenEnd();
            long settled = loop.settledOffset();
            return settled < 0 ? Math.max(end, 1) : Math.max(0, end - settled);
        } catch (KafkaException e) {
            LOG.atWarn().setCause(e).log("Kafka does not tell how many events are pending");
            return -1;
        }
    }

    private List<TableStatus> table(String name) {
        Table table;
        try {
            table = catalog.tables().loadTable(LakeCatalog.identifier(name));
        } catch (NoSuchTableException _) {
            return List.of();
        }
        Map<String, String> properties = new TreeMap<>(table.properties());
        properties.keySet().removeIf(key -> !key.startsWith("levada."));
        Map<String, SourcePosition> completeTo = TablePosition.sources(completeness.now(name, table));
        Snapshot snapshot = table.currentSnapshot();
        if (snapshot == null) {
            return List.of(new TableStatus(name, null, 0, 0, 0, null, completeTo, properties));
        }
        Map<String, String> summary = snapshot.summary();
        return List.of(new TableStatus(
                name,
                Long.toString(snapshot.snapshotId()),
                number(summary, SnapshotSummary.TOTAL_RECORDS_PROP),
                number(summary, SnapshotSummary.TOTAL_DATA_FILES_PROP),
                number(summary, SnapshotSummary.TOTAL_FILE_SIZE_PROP),
                Instant.ofEpochMilli(snapshot.timestampMillis()),
                completeTo,
                properties));
    }

    private static long number(Map<String, String> summary, String name) {
        return Long.parseLong(summary.getOrDefault(name, "0"));
    }
}
