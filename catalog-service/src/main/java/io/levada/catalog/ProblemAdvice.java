package io.levada.catalog;

import org.apache.iceberg.exceptions.ServiceUnavailableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/// Answers errors as RFC 9457 problem documents with `code` and `nextStep`. The controllers of `/iceberg` and
/// `/registry` answer theirs as the protocols say, before this is asked.
@RestControllerAdvice
@Order(Ordered.LOWEST_PRECEDENCE)
final class ProblemAdvice extends ResponseEntityExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemAdvice.class);

    @ExceptionHandler
    ResponseEntity<ProblemDetail> fault(RuntimeException e) {
        LOG.atError()
                .addKeyValue("errorCode", CatalogError.INTERNAL)
                .setCause(e)
                .log("A request failed inside");
        return problem(500, CatalogError.INTERNAL, "The request failed inside");
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> away(ServiceUnavailableException e) {
        LOG.atWarn()
                .addKeyValue("errorCode", CatalogError.CATALOG_AWAY)
                .setCause(e)
                .log("A request failed, as the catalog does not answer");
        return problem(503, CatalogError.CATALOG_AWAY, String.valueOf(e.getMessage()));
    }

    private static ResponseEntity<ProblemDetail> problem(int status, CatalogError code, String detail) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatusCode.valueOf(status), detail);
        problem.setProperty("code", code.name());
        problem.setProperty("nextStep", code.nextStep());
        return ResponseEntity.status(status)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(problem);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleExceptionInternal(
            Exception e, @Nullable Object body, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        ResponseEntity<Object> answer = super.handleExceptionInternal(e, body, headers, status, request);
        if (answer != null && answer.getBody() instanceof ProblemDetail problem) {
            problem.setProperty("code", "HTTP-" + status.value());
            problem.setProperty("nextStep", "Correct the request");
        }
        return answer;
    }
}
