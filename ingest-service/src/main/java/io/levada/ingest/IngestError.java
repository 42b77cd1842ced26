package io.levada.ingest;

/// Stable codes of what goes wrong in ingest-service. A code that is no longer used stays reserved.
public enum IngestError {
    FILES_CHANGED("FILES-CHANGED", Kind.USER),
    FILES_NOT_CSV("FILES-NOT-CSV", Kind.USER),
    FILES_BAD_HEADER("FILES-BAD-HEADER", Kind.USER),
    FILES_RESERVED_COLUMN("FILES-RESERVED-COLUMN", Kind.USER),
    FILES_FIELD_COUNT("FILES-FIELD-COUNT", Kind.USER),
    FILES_BAD_VALUE("FILES-BAD-VALUE", Kind.USER),
    FILES_BAD_ENCODING("FILES-BAD-ENCODING", Kind.USER),
    FILES_BAD_QUOTE("FILES-BAD-QUOTE", Kind.USER),
    FILES_RECORD_TOO_LONG("FILES-RECORD-TOO-LONG", Kind.USER),
    FILES_LOST("FILES-LOST", Kind.EXTERNAL),
    FILES_UNREADABLE("FILES-UNREADABLE", Kind.EXTERNAL),
    FILES_FOLDER_MISSING("FILES-FOLDER-MISSING", Kind.USER),
    FILES_LOG_LOST("FILES-LOG-LOST", Kind.EXTERNAL),
    FILES_RETRYING("FILES-RETRYING", Kind.EXTERNAL),
    FILES_UNEXPECTED("FILES-UNEXPECTED", Kind.INTERNAL);

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

    public String code() {
        return code;
    }

    public Kind kind() {
        return kind;
    }
}
