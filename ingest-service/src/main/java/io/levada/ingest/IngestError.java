package io.levada.ingest;

/// Stable codes of what can go wrong while ingesting. A retired code stays reserved.
public enum IngestError {
    CAPTURE_WAL_LEVEL("CAPTURE-WAL-LEVEL", Kind.USER),
    CAPTURE_NO_REPLICATION("CAPTURE-NO-REPLICATION", Kind.USER),
    CAPTURE_UNKNOWN_TABLE("CAPTURE-UNKNOWN-TABLE", Kind.USER),
    CAPTURE_NO_IDENTITY("CAPTURE-NO-IDENTITY", Kind.USER),
    CAPTURE_RESERVED_COLUMN("CAPTURE-RESERVED-COLUMN", Kind.USER),
    CAPTURE_TYPE_UNSUPPORTED("CAPTURE-TYPE-UNSUPPORTED", Kind.USER),
    CAPTURE_NO_PUBLICATION_RIGHT("CAPTURE-NO-PUBLICATION-RIGHT", Kind.USER),
    CAPTURE_NO_SLOT_LEFT("CAPTURE-NO-SLOT-LEFT", Kind.RESOURCES),
    CAPTURE_SLOT_IN_USE("CAPTURE-SLOT-IN-USE", Kind.USER),
    CAPTURE_SLOT_LOST("CAPTURE-SLOT-LOST", Kind.EXTERNAL),
    CAPTURE_VALUE_UNMAPPED("CAPTURE-VALUE-UNMAPPED", Kind.USER),
    CAPTURE_FENCED("CAPTURE-FENCED", Kind.USER),
    CAPTURE_SOURCE_AWAY("CAPTURE-SOURCE-AWAY", Kind.EXTERNAL),
    LANDING_OFFSET_LOST("LANDING-OFFSET-LOST", Kind.EXTERNAL),
    LANDING_UNKNOWN_SCHEMA("LANDING-UNKNOWN-SCHEMA", Kind.EXTERNAL),
    LANDING_SCHEMA_CONFLICT("LANDING-SCHEMA-CONFLICT", Kind.USER),
    LANDING_AWAY("LANDING-AWAY", Kind.EXTERNAL);

    /// Who can mend it.
    public enum Kind {
        USER,
        INTERNAL,
        EXTERNAL,
        RESOURCES
    }

    private final String code;
    private final Kind kind;

    IngestError(String code, Kind kind) {
        this.code = code;
        this.kind = kind;
    }

    /// The code as logs, events and HTTP show it.
    public String code() {
        return code;
    }

    public Kind kind() {
        return kind;
    }
}
