package io.levada.catalog.maintenance;

import io.levada.catalog.CatalogError;
import io.levada.lake.LakeCatalog;
import org.apache.iceberg.catalog.Catalog;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/// `GET /v1/maintenance`: what is done and was done last. `POST /v1/maintenance`: a run at once.
@RestController
class MaintenanceController {
    private final Catalog catalog;
    private final MaintenanceLoop loop;

    MaintenanceController(Catalog catalog, MaintenanceLoop loop) {
        this.catalog = catalog;
        this.loop = loop;
    }

    /// @param table `namespace.name`, or null for all tables
    record Order(@Nullable String table) {}

    /// @param run its number; it has ended once `finished` of the state is as great
    record Accepted(long run) {}

    @GetMapping("/v1/maintenance")
    MaintenanceState state() {
        return loop.state();
    }

    @PostMapping("/v1/maintenance")
    ResponseEntity<Object> ask(@RequestBody(required = false) @Nullable Order order) {
        String table = order == null ? null : order.table();
        if (table != null && !exists(table)) {
            ProblemDetail problem =
                    ProblemDetail.forStatusAndDetail(HttpStatus.NOT_FOUND, "There is no table " + table);
            problem.setProperty("code", CatalogError.TABLE_MISSING.name());
            problem.setProperty("nextStep", "Name a table that ./levada status shows, such as raw.shop_orders");
            return ResponseEntity.status(HttpStatus.NOT_FOUND)
                    .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                    .body(problem);
        }
        return ResponseEntity.accepted().body(new Accepted(loop.ask(table)));
    }

    private boolean exists(String table) {
        int dot = table.indexOf('.');
        return dot > 0 && dot < table.length() - 1 && catalog.tableExists(LakeCatalog.identifier(table));
    }
}
