package io.levada.sql.http;

import io.levada.events.SourcePosition;
import io.levada.sql.HistoryPage;
import io.levada.sql.QueryException;
import io.levada.sql.QueryableTables;
import io.levada.sql.SqlError;
import io.levada.sql.TableDetail;
import io.levada.sql.TableSummary;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// The tables that can be queried, over HTTP.
@RestController
final class TableApi {
    private final QueryableTables tables;

    TableApi(QueryableTables tables) {
        this.tables = tables;
    }

    @GetMapping("/v1/tables")
    TableList tables() {
        return new TableList(tables.tables());
    }

    @GetMapping("/v1/tables/{name}")
    TableBody table(
            @PathVariable String name,
            @RequestParam(defaultValue = "100") int limit,
            @RequestParam(required = false) @Nullable Long before) {
        return tables.table(name, new HistoryPage(limit, before))
                .map(TableBody::of)
                .orElseThrow(
                        () -> new QueryException(SqlError.UNKNOWN_TABLE, "There is no table " + name + " to query"));
    }

    record TableList(List<TableSummary> tables) {}

    record TableBody(
            String name,
            long rows,
            @Nullable Long bytes,
            @Nullable Integer files,
            @Nullable String snapshotId,
            @Nullable Instant committedAt,
            @Nullable Long freshnessMillis,
            Map<String, SourcePosition> completeTo,
            List<TableDetail.Column> columns,
            List<TableDetail.Snapshot> snapshots,
            boolean moreSnapshots,
            List<TableDetail.SchemaVersion> schemas) {
        static TableBody of(TableDetail table) {
            TableSummary summary = table.summary();
            return new TableBody(
                    summary.name(),
                    summary.rows(),
                    summary.bytes(),
                    summary.files(),
                    summary.snapshotId(),
                    summary.committedAt(),
                    summary.freshnessMillis(),
                    summary.completeTo(),
                    table.columns(),
                    table.snapshots(),
                    table.moreSnapshots(),
                    table.schemas());
        }
    }
}
