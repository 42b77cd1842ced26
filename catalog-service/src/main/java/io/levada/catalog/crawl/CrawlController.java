package io.levada.catalog.crawl;

import io.levada.catalog.CatalogError;
import io.levada.catalog.crawl.Crawls.CrawlStatus;
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
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// Crawls over HTTP: `POST /v1/crawls` begins one, `GET` tells how far it is and what came of it.
@RestController
@RequestMapping("/v1/crawls")
class CrawlController {
    private final Crawls crawls;
    private final JsonMapper json = JsonMapper.builder().build();

    CrawlController(Crawls crawls) {
        this.crawls = crawls;
    }

    private record Order(
            @Nullable String location, @Nullable String table) {}

    record CrawlList(List<CrawlStatus> crawls) {}

    /// 202: it runs on its own, and a client that goes away does not end it.
    @PostMapping
    ResponseEntity<CrawlStatus> begin(@RequestBody byte[] body) {
        Order order = json.readValue(body, Order.class);
        if (order.location() == null) {
            throw new CrawlRefused(CatalogError.CRAWL_LOCATION, "The request names no location");
        }
        CrawlStatus begun = crawls.begin(order.location(), order.table());
        return ResponseEntity.accepted()
                .header("Location", "/v1/crawls/" + begun.id())
                .body(begun);
    }

    @GetMapping
    CrawlList all() {
        return new CrawlList(crawls.all());
    }

    @GetMapping("/{id}")
    CrawlStatus one(@PathVariable("id") String id) {
        return crawls.find(id)
                .orElseThrow(
                        () -> new CrawlRefused(CatalogError.CRAWL_UNKNOWN, "There is no crawl " + id + " (any more)"));
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> refused(CrawlRefused e) {
        return problem(e.code() == CatalogError.CRAWL_UNKNOWN ? 404 : 400, e.code(), e.detail());
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> unreadable(JacksonException e) {
        return problem(
                400,
                CatalogError.CRAWL_LOCATION,
                "The request is not JSON of the form {\"location\", \"table\"}: " + e.getOriginalMessage());
    }

    private static ResponseEntity<ProblemDetail> problem(int status, CatalogError code, String detail) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatusCode.valueOf(status), detail);
        problem.setProperty("code", code.name());
        problem.setProperty("nextStep", code.nextStep());
        return ResponseEntity.status(status)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(problem);
    }
}
