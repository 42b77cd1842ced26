package io.levada.ingest;

import io.levada.definition.DatabaseSource;
import io.levada.definition.SourceTable;
import io.levada.ingest.capture.SourceOrder;
import io.levada.ingest.capture.SourceProblem;
import io.levada.ingest.capture.StopCause;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// `POST /v1/sources/{source}/...`: orders to a source. They want a JSON body, which no page of another site can send
/// unasked.
///
/// An order that is not carried out within the wait is answered with 202; it is carried out all the same.
@RestController
@RequestMapping(path = "/v1/sources/{source}", consumes = MediaType.APPLICATION_JSON_VALUE)
final class SourceController {
    private static final Duration WAIT = Duration.ofSeconds(40);

    private final Ingest ingest;

    SourceController(Ingest ingest) {
        this.ingest = ingest;
    }

    /// What was done, in words.
    record Answer(String source, boolean done, String message) {}

    /// A body without content.
    record Nothing() {}

    /// @param force also where no log is lost
    record RepairRequest(boolean force) {}

    @PostMapping("/pause")
    ResponseEntity<Answer> pause(@PathVariable String source, @RequestBody Nothing body) throws InterruptedException {
        return answer(source, ingest.order(source, _ -> new SourceOrder.Pause(StopCause.wished(source))));
    }

    @PostMapping("/resume")
    ResponseEntity<Answer> resume(@PathVariable String source, @RequestBody Nothing body) throws InterruptedException {
        return answer(source, ingest.resume(source));
    }

    @PostMapping("/repair")
    ResponseEntity<Answer> repair(@PathVariable String source, @RequestBody RepairRequest body)
            throws InterruptedException {
        return answer(source, ingest.order(source, _ -> new SourceOrder.Repair(body.force())));
    }

    @PostMapping("/drop")
    ResponseEntity<Answer> drop(@PathVariable String source, @RequestBody Nothing body) throws InterruptedException {
        return answer(source, ingest.order(source, _ -> new SourceOrder.Drop()));
    }

    /// Of a source of files only: a table of a database is loaded again.
    @PostMapping("/quarantine/replay")
    ResponseEntity<Answer> replay(@PathVariable String source, @RequestBody Nothing body) throws InterruptedException {
        return answer(source, ingest.replay(source));
    }

    /// @param table as the database or as the lake names it
    @PostMapping("/tables/{table}/reload")
    ResponseEntity<Answer> reload(@PathVariable String source, @PathVariable String table, @RequestBody Nothing body)
            throws InterruptedException {
        return answer(
                source,
                ingest.order(
                        source,
                        definition -> new SourceOrder.Reload(
                                List.of(named(definition, table).lakeName()), "An operator wants it")));
    }

    private static SourceTable named(DatabaseSource source, String name) {
        return source.tables().stream()
                .filter(table -> List.of(
                                table.lakeName(), table.table(), table.qualifiedName(), table.rawTable(source.name()))
                        .contains(name))
                .findFirst()
                .orElseThrow(() -> new SourceProblem(
                        IngestError.SOURCE_UNKNOWN_TABLE,
                        "Source " + source.name() + " has no table " + name,
                        "Give one of "
                                + String.join(
                                        ", ",
                                        source.tables().stream()
                                                .map(SourceTable::qualifiedName)
                                                .toList())));
    }

    private static ResponseEntity<Answer> answer(String source, CompletableFuture<String> order)
            throws InterruptedException {
        try {
            return ResponseEntity.ok(new Answer(source, true, order.get(WAIT.toSeconds(), TimeUnit.SECONDS)));
        } catch (TimeoutException _) {
            return ResponseEntity.accepted()
                    .body(new Answer(source, false, "Not carried out yet; ./levada status shows when it is"));
        } catch (CancellationException e) {
            throw new SourceProblem(
                    IngestError.SOURCES_STARTING,
                    "The source was stopped before the order was carried out",
                    "Give the order again once the pipeline runs");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SourceProblem problem) {
                throw problem;
            }
            throw new IllegalStateException("The order to source " + source + " failed", e.getCause());
        }
    }
}
