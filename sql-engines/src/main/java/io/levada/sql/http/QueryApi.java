package io.levada.sql.http;

import io.levada.sql.QueryException;
import io.levada.sql.QueryExecutor;
import io.levada.sql.QueryRun;
import io.levada.sql.QueryState;
import io.levada.sql.QueryStatus;
import io.levada.sql.SqlError;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// Queries over HTTP.
@RestController
final class QueryApi {
    private static final String JSON = "application/json";
    private static final String CSV = "text/csv;charset=UTF-8";

    private final QueryExecutor executor;

    QueryApi(QueryExecutor executor) {
        this.executor = executor;
    }

    /// Runs a query. 200 with the result where it ends within the wait, 202 and `Location` otherwise.
    @PostMapping("/v1/queries")
    void post(HttpServletRequest request, HttpServletResponse response) throws IOException, InterruptedException {
        QueryPost post = QueryPost.read(request.getInputStream());
        QueryRun run = executor.submit(post.request());
        QueryStatus query = run.await(post.await());
        QueryException failure = query.failure();
        if (failure != null) {
            throw failure;
        }
        response.setHeader("Location", "/v1/queries/" + query.id());
        response.setStatus(query.state().ended() ? 200 : 202);
        response.setContentType(JSON);
        ResultJson.write(query, response.getOutputStream());
    }

    @GetMapping("/v1/queries/{id}")
    void query(@PathVariable String id, HttpServletResponse response) throws IOException {
        QueryStatus query = find(id);
        response.setContentType(JSON);
        ResultJson.write(query, response.getOutputStream());
    }

    /// The rows of a query that succeeded.
    @GetMapping("/v1/queries/{id}/results")
    void results(
            @PathVariable String id, @RequestParam(defaultValue = "json") String format, HttpServletResponse response)
            throws IOException {
        if (!format.equals("json") && !format.equals("csv")) {
            throw new QueryException(
                    SqlError.FORMAT_NOT_AVAILABLE, "The format " + format + " is not there (yet); json and csv are");
        }
        QueryStatus query = find(id);
        QueryException failure = query.failure();
        if (failure != null) {
            throw failure;
        }
        if (query.state() != QueryState.SUCCEEDED) {
            throw new QueryException(SqlError.NOT_FINISHED, "The query is " + query.state());
        }
        if (format.equals("csv")) {
            response.setContentType(CSV);
            ResultCsv.write(query, response.getOutputStream());
        } else {
            response.setContentType(JSON);
            ResultJson.write(query, response.getOutputStream());
        }
    }

    @DeleteMapping("/v1/queries/{id}")
    void cancel(@PathVariable String id, HttpServletResponse response) throws IOException, InterruptedException {
        QueryStatus query = executor.cancel(id).orElseThrow(() -> unknown(id));
        response.setContentType(JSON);
        ResultJson.write(query, response.getOutputStream());
    }

    private QueryStatus find(String id) {
        return executor.find(id).orElseThrow(() -> unknown(id)).status();
    }

    private static QueryException unknown(String id) {
        return new QueryException(SqlError.UNKNOWN_QUERY, "There is no query " + id);
    }
}
