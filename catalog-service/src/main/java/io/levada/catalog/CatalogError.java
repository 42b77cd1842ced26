package io.levada.catalog;

/// Stable codes of what catalog-service refuses, parks or retries. A retired code stays reserved.
public enum CatalogError {
    /// The range or file does not follow on what the table holds.
    GAP(Kind.INTERNAL, "Find what lies between: nothing more is committed to this table until it follows on"),
    /// The range starts before and ends after what the table holds.
    OVERLAP(Kind.INTERNAL, "Find the producer that cut the range: nothing more is committed to this table until then"),
    /// The table holds offsets of another Kafka cluster or of a topic that was made anew.
    FOREIGN_OFFSETS(
            Kind.EXTERNAL,
            "Bring back the cluster and topic that filled the table, or load the table as a new generation"),
    /// Producers create tables before they write files of them.
    TABLE_MISSING(Kind.EXTERNAL, "Create the table; the commit is tried again by itself"),
    /// The files were written with a schema that the table does not know.
    UNKNOWN_SCHEMA(Kind.INTERNAL, "Write the files with the schema that the catalog returned"),
    /// A file to be added is absent or has another length.
    FILE_MISSING(Kind.EXTERNAL, "Bring the file back; the commit is tried again by itself"),
    /// A file's description does not fit the table.
    FILE_INVALID(Kind.INTERNAL, "Find the producer that described the file: its partition or metrics do not fit"),
    /// The event can not be read, or its parts contradict one another.
    EVENT_INVALID(Kind.INTERNAL, "Find the producer of the event; it is tried again by itself"),
    /// A newer load of the table is already committed.
    LOAD_SUPERSEDED(Kind.USER, "Nothing is to be done: the newer load holds"),
    /// Loads of more than one chunk and compactions are not committed by this version.
    NOT_SUPPORTED(Kind.INTERNAL, "Use a producer of this version"),
    /// The table has another snapshot than the one that the result was planned on.
    BASE_MOVED(Kind.INTERNAL, "Compute the result anew"),
    /// The table follows from other input snapshots than those that the result started from.
    INPUTS_MOVED(Kind.INTERNAL, "Compute the result anew"),
    /// Storage, database or a competing commit stands in the way.
    STORAGE_UNAVAILABLE(Kind.RESOURCES, "Check storage and catalog database; the commit is tried again by itself"),
    /// Lineage was asked of a table that there is not.
    LINEAGE_TABLE_UNKNOWN(Kind.USER, "See GET /v1/status for the tables that there are"),
    /// Lineage was asked of a snapshot that the table does not have, or no more.
    LINEAGE_SNAPSHOT_UNKNOWN(Kind.USER, "Leave `snapshot` out for the current one"),
    /// A parameter of a request for lineage is not valid.
    LINEAGE_REQUEST_INVALID(Kind.USER, "Correct the parameter"),
    /// A request failed for a reason that only the log has.
    INTERNAL(Kind.INTERNAL, "Look into the log of catalog-service"),
    /// Kafka took no event about a refusal.
    KAFKA_UNAVAILABLE(Kind.EXTERNAL, "Check Kafka; the event is tried again by itself");

    /// Whose matter an error is.
    public enum Kind {
        USER,
        INTERNAL,
        EXTERNAL,
        RESOURCES
    }

    private final Kind kind;
    private final String nextStep;

    CatalogError(Kind kind, String nextStep) {
        this.kind = kind;
        this.nextStep = nextStep;
    }

    public Kind kind() {
        return kind;
    }

    /// What to do about it.
    public String nextStep() {
        return nextStep;
    }
}
