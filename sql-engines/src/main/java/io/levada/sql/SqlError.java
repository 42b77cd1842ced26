package io.levada.sql;

/// The codes of what can go wrong with a query.
public enum SqlError implements ErrorCode {
    REFUSED("SQL-REFUSED", Kind.USER, 400, "Send one SELECT over tables that GET /v1/tables lists."),
    SYNTAX("SQL-SYNTAX", Kind.USER, 400, "Correct the statement; the position is counted from its start."),
    UNKNOWN_TABLE("SQL-UNKNOWN-TABLE", Kind.USER, 404, "GET /v1/tables lists the tables; name one namespace.name."),
    UNSUPPORTED_TABLE("SQL-UNSUPPORTED-TABLE", Kind.USER, 409, "Rewrite the table without delete files, then retry."),
    AS_OF(
            "SQL-AS-OF",
            Kind.USER,
            400,
            "Write namespace.name FOR VERSION AS OF 123 or FOR TIMESTAMP AS OF TIMESTAMP '2026-11-21 10:00:00'."),
    SNAPSHOT_UNKNOWN(
            "SQL-SNAPSHOT-UNKNOWN", Kind.USER, 404, "GET /v1/tables/{name} lists the snapshots that are kept."),
    NO_HISTORY("SQL-NO-HISTORY", Kind.USER, 400, "Ask query-service, which reads the lake's tables as they were."),
    POSITIONAL_PARAMETER("SQL-POSITIONAL-PARAMETER", Kind.USER, 400, "Write :name and give the value in params."),
    PARAMETER_MISSING("SQL-PARAMETER-MISSING", Kind.USER, 400, "Give a value, or null, for every parameter."),
    PARAMETER_UNKNOWN("SQL-PARAMETER-UNKNOWN", Kind.USER, 400, "Leave the value out, or correct its name."),
    PARAMETER_TYPE("SQL-PARAMETER-TYPE", Kind.USER, 400, "Send a string, a number, a boolean or null."),
    REQUEST("SQL-REQUEST", Kind.USER, 400, "Correct the request."),
    FAILED("SQL-FAILED", Kind.USER, 400, "Correct the statement or its parameters."),
    OUT_OF_MEMORY("SQL-OUT-OF-MEMORY", Kind.RESOURCES, 503, "Read fewer rows or columns at once."),
    CANCELLED("SQL-CANCELLED", Kind.USER, 409, "Send the query again."),
    QUEUE_FULL("SQL-QUEUE-FULL", Kind.RESOURCES, 503, "Wait for running queries to end, then send it again."),
    RESULT_TOO_LARGE("SQL-RESULT-TOO-LARGE", Kind.USER, 400, "Ask for fewer rows or columns."),
    UNKNOWN_QUERY("SQL-UNKNOWN-QUERY", Kind.USER, 404, "Send the query again; results are kept for a while only."),
    NOT_FINISHED("SQL-NOT-FINISHED", Kind.USER, 409, "Ask GET /v1/queries/{id} until it has ended."),
    FORMAT_NOT_AVAILABLE("SQL-FORMAT-NOT-AVAILABLE", Kind.USER, 406, "Ask for format=json or format=csv."),
    INTERNAL("SQL-INTERNAL", Kind.INTERNAL, 500, "See the service's log.");

    private final String code;
    private final Kind kind;
    private final int status;
    private final String nextStep;

    SqlError(String code, Kind kind, int status, String nextStep) {
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
