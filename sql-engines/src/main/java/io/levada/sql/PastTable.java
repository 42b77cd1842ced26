package io.levada.sql;

/// A table as a statement reads it at an earlier state.
///
/// @param view what the statement calls it, `schema.name`
/// @param table `namespace.name`
public record PastTable(String view, String table, AsOf asOf) {}
