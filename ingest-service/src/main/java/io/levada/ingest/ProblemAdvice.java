package io.levada.ingest;

import io.levada.ingest.capture.SourceProblem;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/// Answers errors as RFC 9457 problem documents with `code` and `nextStep`.
@RestControllerAdvice
final class ProblemAdvice extends ResponseEntityExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemAdvice.class);
    private static final int CONFLICT = 409;

    @ExceptionHandler
    ResponseEntity<ProblemDetail> refused(SourceProblem problem) {
        int status = switch (problem.code()) {
            case SOURCE_UNKNOWN, SOURCE_UNKNOWN_TABLE -> 404;
            case SOURCES_STARTING, CAPTURE_SOURCE_AWAY -> 503;
            default -> CONFLICT;
        };
        return problem(
                status,
                problem.code(),
                java.util.Objects.requireNonNullElse(problem.getMessage(), ""),
                problem.nextStep());
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> fault(RuntimeException e) {
        LOG.atError()
                .addKeyValue("errorCode", IngestError.REQUEST_FAILED.code())
                .setCause(e)
                .log("A request failed inside");
        return problem(500, IngestError.REQUEST_FAILED, "The request failed inside", "Look into levada.log");
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleExceptionInternal(
            Exception e, @Nullable Object body, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        ResponseEntity<Object> answer = super.handleExceptionInternal(e, body, headers, status, request);
        if (answer != null && answer.getBody() instanceof ProblemDetail problem) {
            problem.setProperty("code", IngestError.REQUEST_INVALID.code());
            problem.setProperty("nextStep", "Correct the request");
        }
        return answer;
    }

    private static ResponseEntity<ProblemDetail> problem(int status, IngestError code, String detail, String nextStep) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatusCode.valueOf(status), detail);
        problem.setProperty("code", code.code());
        problem.setProperty("nextStep", nextStep);
        return ResponseEntity.status(status)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(problem);
    }
}
