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
    /// A request failed for a reason that only the log has.
    INTERNAL(Kind.INTERNAL, "Look into the log of catalog-service"),
    /// Kafka took no event about a refusal.
    KAFKA_UNAVAILABLE(Kind.EXTERNAL, "Check Kafka; the event is tried again by itself"),
    /// Small files can not be rewritten without loss, and stay as they are.
    REWRITE_UNSUPPORTED(
            Kind.USER, "Nothing is lost: rewrite these files with another engine where they are in the way"),
    /// The engine or the disk failed while files were rewritten.
    REWRITE_FAILED(
            Kind.RESOURCES,
            "Check memory, free disk space and the named file; the table is as it was, and is tried again"),
    /// A rewritten file has other rows than the files that it was to replace.
    REWRITE_MISMATCH(Kind.INTERNAL, "The table is as it was; report this with the named file"),
    /// Others committed to the table again and again while a rewrite waited.
    REWRITE_CONFLICT(Kind.EXTERNAL, "Nothing is to be done: it is tried again by itself"),
    /// Snapshots stay, since it is not known which of them are announced.
    NOT_ANNOUNCED(Kind.EXTERNAL, "Check Kafka; snapshots expire once they are announced"),
    /// Nothing is deleted, since not all names of files that are needed could be read.
    ORPHANS_UNCERTAIN(Kind.EXTERNAL, "Check what could not be read: storage, Kafka or the named table"),
    /// Maintenance of a table failed for another reason.
    MAINTENANCE_FAILED(Kind.INTERNAL, "Look into the log of catalog-service; the table is tried again");

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
