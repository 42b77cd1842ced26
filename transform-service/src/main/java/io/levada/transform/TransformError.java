package io.levada.transform;

/// Stable codes of what keeps a derived table from being computed. A retired code stays reserved.
public enum TransformError {
    /// The engine refused or failed the SELECT.
    SELECT_FAILED("TRANSFORM-SELECT-FAILED", Kind.USER, "Correct the SELECT; it is tried again when its inputs change"),
    /// A column of the result has a type that a table can not hold.
    TYPE_UNSUPPORTED("TRANSFORM-TYPE-UNSUPPORTED", Kind.USER, "Cast the column to a type that tables have"),
    /// Two columns of a table differ in case only, or not at all.
    COLUMNS_COLLIDE("TRANSFORM-COLUMNS-COLLIDE", Kind.USER, "Give the columns names that differ in more than case"),
    /// The table can not be partitioned as the definition says.
    PARTITION_UNFIT(
            "TRANSFORM-PARTITION-UNFIT",
            Kind.USER,
            "Partition by columns of the result that are numbers, strings, dates, booleans or UUIDs"),
    /// An input has delete files, which the engine does not apply.
    INPUT_DELETES("TRANSFORM-INPUT-DELETES", Kind.EXTERNAL, "Rewrite the input's data files so that no deletes remain"),
    /// A raw table's properties contradict one another.
    INPUT_INVALID("TRANSFORM-INPUT-INVALID", Kind.INTERNAL, "Load the table as a new generation"),
    /// The committer refused the result.
    REFUSED("TRANSFORM-REFUSED", Kind.INTERNAL, "See the committer's reason; the result is computed anew by itself"),
    /// The table's schema was changed by someone else meanwhile.
    SCHEMA_MOVED(
            "TRANSFORM-SCHEMA-MOVED", Kind.INTERNAL, "Nothing is to be done: the result is computed anew by itself"),
    /// Memory or disk did not suffice.
    RESOURCES_EXHAUSTED(
            "TRANSFORM-RESOURCES-EXHAUSTED",
            Kind.RESOURCES,
            "Raise levada.transform.memory-megabytes or free disk space; it is tried again by itself"),
    /// The local copies of a bucket's files have a bound that the inputs do not fit in.
    CACHE_TOO_SMALL(
            "TRANSFORM-CACHE-TOO-SMALL",
            Kind.RESOURCES,
            "Raise lake.cache.size to more than the inputs' files take; it is tried again by itself"),
    /// Files could not be read, written or synced.
    STORAGE_UNAVAILABLE(
            "TRANSFORM-STORAGE-UNAVAILABLE",
            Kind.RESOURCES,
            "Check the lake's disk or bucket; it is tried again by itself"),
    /// catalog-service does not answer.
    CATALOG_UNAVAILABLE(
            "TRANSFORM-CATALOG-UNAVAILABLE", Kind.EXTERNAL, "Start catalog-service; it is tried again by itself"),
    /// Kafka does not take the event.
    KAFKA_UNAVAILABLE("TRANSFORM-KAFKA-UNAVAILABLE", Kind.EXTERNAL, "Check Kafka; the event is sent again by itself"),
    /// A fault in this service.
    INTERNAL("TRANSFORM-INTERNAL", Kind.INTERNAL, "Report it with the log; it is tried again by itself");

    /// Who can mend it.
    public enum Kind {
        USER,
        INTERNAL,
        EXTERNAL,
        RESOURCES
    }

    private final String code;
    private final Kind kind;
    private final String nextStep;

    TransformError(String code, Kind kind, String nextStep) {
        this.code = code;
        this.kind = kind;
        this.nextStep = nextStep;
    }

    /// The code as logs, status and HTTP show it.
    public String code() {
        return code;
    }

    public Kind kind() {
        return kind;
    }

    /// What to do about it.
    public String nextStep() {
        return nextStep;
    }
}
