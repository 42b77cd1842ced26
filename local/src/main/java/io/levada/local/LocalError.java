package io.levada.local;

/// Stable codes of what can go wrong on the command line and in local mode. A retired code stays reserved.
enum LocalError {
    DEFINITION(
            "LOCAL-DEFINITION",
            Kind.USER,
            "The project's definition is wrong; every problem is listed with its own code."),
    DATA_LOCKED("LOCAL-DATA-LOCKED", Kind.USER, "Another process uses the data directory."),
    DATA_DIRECTORY("LOCAL-DATA-DIRECTORY", Kind.USER, "The data directory can not be made or written."),
    DISK_FULL(
            "LOCAL-DISK-FULL",
            Kind.RESOURCES,
            "Less than 256 MB are free where the data directory lies; the pipeline does not start, or has stopped in"
                    + " order."),
    PORT_IN_USE("LOCAL-PORT-IN-USE", Kind.USER, "One of the five HTTP ports is taken."),
    NOT_REACHABLE("LOCAL-NOT-REACHABLE", Kind.USER, "No pipeline answers at the URL."),
    QUERY_FAILED("LOCAL-QUERY-FAILED", Kind.USER, "The pipeline refused a query or failed at it."),
    RESULT_CUT(
            "LOCAL-RESULT-CUT", Kind.USER, "A query has more rows than one answer holds; those that fit were written."),
    ORDER_REFUSED("LOCAL-ORDER-REFUSED", Kind.USER, "An order to a source was refused."),
    CRAWL_FAILED(
            "LOCAL-CRAWL-FAILED",
            Kind.USER,
            "A crawl was refused, or left files out; each is named with a code of its own."),
    NOT_CONFIRMED("LOCAL-NOT-CONFIRMED", Kind.USER, "What can not be taken back needs `--yes`."),
    ONCE_FAILED("LOCAL-ONCE-FAILED", Kind.EXTERNAL, "`--once` ended before everything had passed every stage."),
    BROKER_ENDED(
            "LOCAL-BROKER-ENDED",
            Kind.RESOURCES,
            "The embedded broker could not go on, as where its disk fails, and ended the process where it stood."),
    START_FAILED("LOCAL-START-FAILED", Kind.INTERNAL, "A part of the pipeline did not start."),
    APPLY_FAILED(
            "LOCAL-APPLY-FAILED",
            Kind.INTERNAL,
            "A service did not start with a definition that was changed while the pipeline ran; the one before it is in"
                    + " force."),
    LAKE_BUCKET_MISSING("LOCAL-LAKE-BUCKET-MISSING", Kind.USER, "The bucket that the lake is in does not exist."),
    LAKE_FORBIDDEN(
            "LOCAL-LAKE-FORBIDDEN",
            Kind.USER,
            "The credentials do not allow to list, read and write the lake's bucket."),
    LAKE_NO_CREDENTIALS(
            "LOCAL-LAKE-NO-CREDENTIALS", Kind.USER, "AWS's default chain finds no credentials for the lake's bucket."),
    LAKE_REGION("LOCAL-LAKE-REGION", Kind.USER, "The lake's bucket is in another region, or none is known."),
    LAKE_UNREACHABLE(
            "LOCAL-LAKE-UNREACHABLE", Kind.EXTERNAL, "The server of the lake's bucket does not answer, at the start."),
    MAINTENANCE_FAILED(
            "LOCAL-MAINTENANCE-FAILED",
            Kind.EXTERNAL,
            "A part of maintenance was not done; each part is listed with its own code and next step."),
    DEMO_DATABASE("LOCAL-DEMO-DATABASE", Kind.RESOURCES, "The demo's embedded PostgreSQL or MariaDB did not start.");

    /// Who can mend it.
    enum Kind {
        USER,
        INTERNAL,
        EXTERNAL,
        RESOURCES
    }

    private final String code;
    private final Kind kind;
    private final String meaning;

    LocalError(String code, Kind kind, String meaning) {
        this.code = code;
        this.kind = kind;
        this.meaning = meaning;
    }

    String code() {
        return code;
    }

    Kind kind() {
        return kind;
    }

    /// One sentence for the reference.
    String meaning() {
        return meaning;
    }

    /// The process's exit code: 2 for a definition that is wrong, 1 for all else.
    int exitCode() {
        return this == DEFINITION ? 2 : 1;
    }
}
