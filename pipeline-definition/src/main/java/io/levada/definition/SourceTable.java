package io.levada.definition;

/// A table of a database source.
///
/// @param schema `public` where the definition names none
/// @param table as the database spells it
/// @param lakeName the table's name in the lake without the source: `customer`, or `audit_log_entry` for
/// `audit.log_entry`
/// @param rules of its columns
/// @param onSchemaChange what becomes of changes to its columns that the lake can not follow
public record SourceTable(
        String schema, String table, String lakeName, ColumnRules rules, OnSchemaChange onSchemaChange) {
    /// A table with every default.
    public SourceTable(String schema, String table, String lakeName) {
        this(schema, table, lakeName, ColumnRules.NONE, OnSchemaChange.EVOLVE);
    }

    /// `schema.table`, for messages.
    public String qualifiedName() {
        return schema + "." + table;
    }

    /// The raw table of this source table.
    public String rawTable(String source) {
        return "raw." + source + "_" + lakeName;
    }

    /// The mirror of this source table.
    public String stageTable(String source) {
        return "stage." + source + "_" + lakeName;
    }
}
