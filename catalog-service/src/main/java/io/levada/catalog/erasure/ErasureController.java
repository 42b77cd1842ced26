package io.levada.catalog.erasure;

import io.levada.catalog.CatalogError;
import io.levada.catalog.maintenance.MaintenanceException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// `POST /v1/erasures`: an order, or with `dryRun` what it would take out. `GET /v1/erasures`: those that are open, and
/// the last ones that were done since the service started.
@RestController
@RequestMapping("/v1/erasures")
class ErasureController {
    private final Eraser eraser;
    private final ErasureLoop loop;

    ErasureController(Eraser eraser, ErasureLoop loop) {
        this.eraser = eraser;
        this.loop = loop;
    }

    /// @param table a raw table or the mirror of one
    /// @param key the value of the key, or `column=value` for each column
    /// @param dryRun true to take nothing out
    record Order(
            @Nullable String table,
            @Nullable List<String> key,
            @Nullable Boolean dryRun) {}

    record ErasureList(List<ErasureStatus> erasures) {}

    /// 202: it goes on by itself until it is done, also after a restart.
    @PostMapping
    ResponseEntity<Object> order(@RequestBody Order order) {
        if (order.table() == null || order.key() == null || order.key().isEmpty()) {
            throw new MaintenanceException(
                    CatalogError.ERASURE_KEY,
                    "The request is not of the form {\"table\": \"raw.shop_orders\", \"key\": [\"42\"]}",
                    null);
        }
        if (Boolean.TRUE.equals(order.dryRun())) {
            return ResponseEntity.ok(eraser.preview(order.table(), order.key()));
        }
        ErasureStatus taken = loop.take(eraser.order(order.table(), order.key()));
        return ResponseEntity.accepted()
                .header("Location", "/v1/erasures/" + taken.erasure().order().id())
                .body(taken);
    }

    @GetMapping
    ErasureList all() {
        return new ErasureList(loop.all());
    }

    @GetMapping("/{id}")
    ErasureStatus one(@PathVariable("id") String id) {
        return loop.find(id)
                .orElseThrow(() -> new MaintenanceException(
                        CatalogError.ERASURE_UNKNOWN, "There is no erasure " + id + " (any more)", null));
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> refused(MaintenanceException e) {
        int status = switch (e.error()) {
            case ERASURE_UNKNOWN -> 404;
            case ERASURE_KEY, ERASURE_TABLE -> 400;
            case ERASURE_BLOCKED -> 409;
            case KAFKA_UNAVAILABLE -> 503;
            default -> 500;
        };
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatusCode.valueOf(status), e.getMessage());
        problem.setProperty("code", e.error().name());
        problem.setProperty("nextStep", e.error().nextStep());
        return ResponseEntity.status(status)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(problem);
    }
}
