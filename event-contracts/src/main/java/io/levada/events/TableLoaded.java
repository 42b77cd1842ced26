package io.levada.events;

/// A snapshot of a table is in the warehouse.
///
/// @param target `schema.table` in the warehouse
/// @param table the lake's table
public record TableLoaded(
        String target, String table, long snapshotId, long rowsInserted, long rowsUpdated, long rowsDeleted) {}
