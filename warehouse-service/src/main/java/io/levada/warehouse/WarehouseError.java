package io.levada.warehouse;

import io.levada.sql.ErrorCode;

/// The codes of warehouse-service; those of queries themselves are [io.levada.sql.SqlError].
public enum WarehouseError implements ErrorCode {
    KEY_COLUMN_MISSING(
            "WAREHOUSE-KEY-COLUMN-MISSING", Kind.USER, "Correct the load's key, or add the column to the table."),
    KEY_NULL("WAREHOUSE-KEY-NULL", Kind.USER, "Filter such rows out of the table, or choose another key."),
    KEY_DUPLICATE("WAREHOUSE-KEY-DUPLICATE", Kind.USER, "Make the key unique in the table, or choose another key."),
    CATALOG_UNREACHABLE("WAREHOUSE-CATALOG-UNREACHABLE", Kind.EXTERNAL, "Wait until catalog-service is up."),
    STORAGE_UNAVAILABLE(
            "WAREHOUSE-STORAGE-UNAVAILABLE",
            Kind.EXTERNAL,
            "See that the lake's storage can be reached and read; the load is tried again."),
    CACHE_TOO_SMALL(
            "WAREHOUSE-CACHE-TOO-SMALL",
            Kind.RESOURCES,
            "Raise lake.cache.size to more than the table's files take; the load is tried again."),
    DISK_FULL(
            "WAREHOUSE-DISK-FULL",
            Kind.RESOURCES,
            "Free space where the data directory lies; the load is tried again."),
    LOAD_FAILED("WAREHOUSE-LOAD-FAILED", Kind.INTERNAL, "See the service's log; the load is tried again.");

    private final String code;
    private final Kind kind;
    private final String nextStep;

    WarehouseError(String code, Kind kind, String nextStep) {
        this.code = code;
        this.kind = kind;
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
        return switch (kind) {
            case USER -> 409;
            case INTERNAL -> 500;
            case EXTERNAL, RESOURCES -> 503;
        };
    }

    @Override
    public String nextStep() {
        return nextStep;
    }
}
