package io.levada.sql;

import org.jspecify.annotations.Nullable;

/// A query can not be answered; the code says why.
public final class QueryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient ErrorCode error;

    public QueryException(ErrorCode error, String detail) {
        this(error, detail, null);
    }

    public QueryException(ErrorCode error, String detail, @Nullable Throwable cause) {
        super(detail, cause);
        this.error = error;
    }

    public ErrorCode error() {
        return error;
    }

    /// What failed, with the value and the limit.
    public String detail() {
        String message = getMessage();
        return message == null ? error.code() : message;
    }
}
