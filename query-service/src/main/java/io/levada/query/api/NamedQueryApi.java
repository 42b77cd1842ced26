package io.levada.query.api;

import io.levada.definition.NamedQuery;
import io.levada.query.QueryError;
import io.levada.sql.QueryException;
import io.levada.sql.QueryExecutor;
import io.levada.sql.QueryRequest;
import io.levada.sql.QueryRun;
import io.levada.sql.QueryStatus;
import io.levada.sql.http.ResultJson;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// The definition's named queries over HTTP.
@RestController
final class NamedQueryApi {
    /// `true` where the result has more rows than one answer may have.
    private static final String TRUNCATED = "Levada-Truncated";

    /// `table=snapshot` of every table that was read.
    private static final String SNAPSHOTS = "Levada-Snapshots";

    /// `table@source=position` of every table and source that it is complete to.
    private static final String COMPLETE_TO = "Levada-Complete-To";

    private final NamedQueries queries;
    private final QueryExecutor executor;
    private final Duration timeout;

    NamedQueryApi(NamedQueries queries, QueryExecutor executor, Duration timeout) {
        this.queries = queries;
        this.executor = executor;
        this.timeout = timeout;
    }

    /// Parameters arrive as text; the engine casts them to what the query compares them with.
    @GetMapping("/api/{name}")
    void run(
            @PathVariable String name,
            @RequestParam MultiValueMap<String, String> parameters,
            HttpServletResponse response)
            throws IOException, InterruptedException {
        NamedQuery query = queries.named(name)
                .orElseThrow(
                        () -> new QueryException(QueryError.NAMED_QUERY_UNKNOWN, "There is no query named " + name));
        QueryRun run = executor.submit(new QueryRequest(query.sql(), single(parameters), Integer.MAX_VALUE, name));
        QueryStatus status = run.await(timeout);
        if (!status.state().ended()) {
            executor.cancel(run.id());
            throw new QueryException(QueryError.TIMEOUT, "The query " + name + " took longer than " + timeout);
        }
        QueryException failure = status.failure();
        if (failure != null) {
            throw failure;
        }
        response.setContentType("application/json");
        response.setHeader(TRUNCATED, Boolean.toString(status.truncated()));
        response.setHeader(
                SNAPSHOTS,
                status.snapshots().entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .collect(Collectors.joining(", ")));
        response.setHeader(
                COMPLETE_TO,
                status.completeTo().entrySet().stream()
                        .flatMap(table -> table.getValue().entrySet().stream()
                                .map(source -> table.getKey() + "@" + source.getKey() + "="
                                        + source.getValue().position()))
                        .collect(Collectors.joining(", ")));
        ResultJson.writeObjects(status, response.getOutputStream());
    }

    private static Map<String, @Nullable Object> single(MultiValueMap<String, String> parameters) {
        Map<String, @Nullable Object> values = new HashMap<>();
        for (Map.Entry<String, List<String>> parameter : parameters.entrySet()) {
            if (parameter.getValue().size() != 1) {
                throw new QueryException(
                        QueryError.PARAMETER_REPEATED, "The parameter " + parameter.getKey() + " is given twice");
            }
            values.put(parameter.getKey(), parameter.getValue().getFirst());
        }
        return values;
    }
}
