package io.levada.query;

import io.levada.sql.ErrorCode;

/// The codes of query-service; those of queries themselves are [io.levada.sql.SqlError].
public enum QueryError implements ErrorCode {
    CATALOG_UNREACHABLE(
            "QUERY-CATALOG-UNREACHABLE",
            Kind.EXTERNAL,
            503,
            "Wait until catalog-service is up; GET /v1/status shows the services."),
    STORAGE_UNAVAILABLE(
            "QUERY-STORAGE-UNAVAILABLE",
            Kind.EXTERNAL,
            503,
            "See that the lake's storage can be reached and read, then send the query again."),
    CACHE_TOO_SMALL(
            "QUERY-CACHE-TOO-SMALL",
            Kind.RESOURCES,
            503,
            "Raise lake.cache.size, read fewer tables at once, or wait for other queries to end."),
    DISK_FULL("QUERY-DISK-FULL", Kind.RESOURCES, 503, "Free space where the data directory lies, then send it again."),
    NAMED_QUERY_UNKNOWN("QUERY-NAMED-QUERY-UNKNOWN", Kind.USER, 404, "Use a name that levada.yaml has under queries."),
    PARAMETER_REPEATED("QUERY-PARAMETER-REPEATED", Kind.USER, 400, "Give each parameter once."),
    TIMEOUT("QUERY-TIMEOUT", Kind.RESOURCES, 504, "Send the SQL to POST /v1/queries and ask for its result later.");

    private final String code;
    private final Kind kind;
    private final int status;
    private final String nextStep;

    QueryError(String code, Kind kind, int status, String nextStep) {
        this.code = code;
        this.kind = kind;
        this.status = status;
        this.nextStep = nextStep;
    }

    @Override
    public String code() {
        return code;
    }

    @Override
    public Kind kind() {
        return kind;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public String nextStep() {
        return nextStep;
    }
}
