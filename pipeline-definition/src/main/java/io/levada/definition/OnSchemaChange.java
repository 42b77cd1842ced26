package io.levada.definition;

/// What becomes of rows whose columns are not those of their table.
public enum OnSchemaChange {
    /// New columns are added to the table, and a column's type becomes wider where the lake can widen it.
    EVOLVE,
    /// What would change the table is refused.
    FREEZE,
    /// The rows go to quarantine.
    QUARANTINE
}
