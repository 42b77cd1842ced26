package io.levada.sql.http;

import io.levada.sql.ErrorCode;
import io.levada.sql.QueryException;
import io.levada.sql.SqlError;
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
    private static final Logger log = LoggerFactory.getLogger(ProblemAdvice.class);

    @ExceptionHandler
    ResponseEntity<ProblemDetail> refused(QueryException e) {
        return problem(e.error(), e.detail());
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> fault(RuntimeException e) {
        log.atError()
                .addKeyValue("errorCode", SqlError.INTERNAL.code())
                .setCause(e)
                .log("A request failed inside");
        return problem(SqlError.INTERNAL, "The request failed inside");
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleExceptionInternal(
            Exception e, @Nullable Object body, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        ResponseEntity<Object> answer = super.handleExceptionInternal(e, body, headers, status, request);
        if (answer != null && answer.getBody() instanceof ProblemDetail problem) {
            problem.setProperty("code", "HTTP-" + status.value());
            problem.setProperty("nextStep", "Correct the request.");
        }
        return answer;
    }

    private static ResponseEntity<ProblemDetail> problem(ErrorCode error, String detail) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatusCode.valueOf(error.status()), detail);
        problem.setProperty("code", error.code());
        problem.setProperty("nextStep", error.nextStep());
        return ResponseEntity.status(error.status())
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(problem);
    }
}
