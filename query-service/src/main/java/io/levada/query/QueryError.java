package io.levada.query;

import io.levada.sql.ErrorCode;

/// The codes of query-service; those of queries themselves are [io.levada.sql.SqlError].
public enum QueryError implements ErrorCode {
    CATALOG_UNREACHABLE(
            "QUERY-CATALOG-UNREACHABLE",
            Kind.EXTERNAL,
            503,
            "Wait until catalog-service is up; GET /v1/status shows the services."),
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
