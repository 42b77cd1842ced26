package io.levada.catalog.lineage;

import io.levada.catalog.CatalogError;
import io.levada.definition.PipelineDefinition;
import java.util.Locale;
import java.util.Optional;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// `GET /v1/lineage/{namespace}.{table}`: what a snapshot comes from, up to the positions of sources, and what follows
/// from it, down to warehouse loads and named queries.
@RestController
class LineageController {
    private static final int MAX_DEPTH = 50;

    private final Catalog catalog;
    private final PipelineDefinition definition;
    private final SourceDatasets sources;

    LineageController(Catalog catalog, PipelineDefinition definition, SourceDatasets sources) {
        this.catalog = catalog;
        this.definition = definition;
        this.sources = sources;
    }

    private static final class Refused extends RuntimeException {
        @java.io.Serial
        private static final long serialVersionUID = 1;

        private final CatalogError code;

        Refused(CatalogError code, String message) {
            super(message);
            this.code = code;
        }
    }

    /// @param direction `up`, `down` or `both`
    /// @param depth how many tables away at most
    /// @param snapshot of the table; without it the current one
    @GetMapping("/v1/lineage/{table}")
    Lineage lineage(
            @PathVariable("table") String name,
            @RequestParam(name = "direction", defaultValue = "both") String direction,
            @RequestParam(name = "depth", defaultValue = "10") String depth,
            @RequestParam(name = "snapshot", required = false) @Nullable String snapshot) {
        TableLookup tables = new TableLookup(catalog);
        Optional<Table> found = name.indexOf('.') > 0 ? tables.find(name) : Optional.empty();
        Table table = found.orElseThrow(() -> new Refused(
                CatalogError.LINEAGE_TABLE_UNKNOWN, "There is no table '" + name + "'; names are namespace.name"));
        return new LineageGraph(tables, definition, sources)
                .of(name, table, snapshot(name, table, snapshot), direction(direction), depth(depth));
    }

    private static @Nullable Snapshot snapshot(String name, Table table, @Nullable String id) {
        if (id == null) {
            return table.currentSnapshot();
        }
        try {
            Snapshot snapshot = table.snapshot(Long.parseLong(id));
            if (snapshot != null) {
                return snapshot;
            }
        } catch (NumberFormatException _) {
            // Refused below.
        }
        throw new Refused(CatalogError.LINEAGE_SNAPSHOT_UNKNOWN, "Table " + name + " has no snapshot '" + id + "'");
    }

    private static Direction direction(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "up" -> Direction.UP;
            case "down" -> Direction.DOWN;
            case "both" -> Direction.BOTH;
            default ->
                throw new Refused(
                        CatalogError.LINEAGE_REQUEST_INVALID,
                        "direction is '" + text + "'; allowed are up, down, both");
        };
    }

    private static int depth(String text) {
        try {
            int depth = Integer.parseInt(text);
            if (depth >= 0 && depth <= MAX_DEPTH) {
                return depth;
            }
        } catch (NumberFormatException _) {
            // Refused below.
        }
        throw new Refused(
                CatalogError.LINEAGE_REQUEST_INVALID, "depth is '" + text + "'; allowed is 0 to " + MAX_DEPTH);
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> refused(Refused refused) {
        int status = refused.code == CatalogError.LINEAGE_REQUEST_INVALID ? 400 : 404;
        ProblemDetail problem =
                ProblemDetail.forStatusAndDetail(HttpStatusCode.valueOf(status), String.valueOf(refused.getMessage()));
        problem.setProperty("code", refused.code.name());
        problem.setProperty("nextStep", refused.code.nextStep());
        return ResponseEntity.status(status)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(problem);
    }
}
