package io.levada.sql.http;

import io.levada.sql.QueryException;
import io.levada.sql.QueryRequest;
import io.levada.sql.SqlError;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/// The body of `POST /v1/queries`.
record QueryPost(
        @Nullable String sql,
        @Nullable Map<String, @Nullable Object> params,
        @Nullable Integer maxRows,
        @Nullable Long waitMillis) {
    private static final int MAX_BYTES = 4 << 20;
    private static final int DEFAULT_ROWS = 10_000;
    private static final long DEFAULT_WAIT_MILLIS = 10_000;
    private static final long MAX_WAIT_MILLIS = 60_000;

    static QueryPost read(InputStream body) throws IOException {
        byte[] bytes = body.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
            throw new QueryException(SqlError.REQUEST, "The request has more than " + MAX_BYTES + " bytes");
        }
        try {
            QueryPost post = ResultJson.mapper().readValue(bytes, QueryPost.class);
            if (post == null || post.sql() == null) {
                throw new QueryException(SqlError.REQUEST, "The request has no sql");
            }
            return post;
        } catch (JacksonException e) {
            throw new QueryException(
                    SqlError.REQUEST,
                    "The request is not JSON of the form {\"sql\", \"params\", \"maxRows\", \"waitMillis\"}: "
                            + e.getOriginalMessage(),
                    e);
        }
    }

    QueryRequest request() {
        return new QueryRequest(
                sql == null ? "" : sql, params == null ? Map.of() : params, maxRows == null ? DEFAULT_ROWS : maxRows);
    }

    Duration await() {
        long millis = waitMillis == null ? DEFAULT_WAIT_MILLIS : waitMillis;
        return Duration.ofMillis(Math.clamp(millis, 0, MAX_WAIT_MILLIS));
    }
}
