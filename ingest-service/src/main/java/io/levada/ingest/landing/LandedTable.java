package io.levada.ingest.landing;

/// A table that a change topic belongs to.
///
/// @param lakeName the table's name in the lake without the source
public record LandedTable(String source, String lakeName) {
    public String rawTable() {
        return "raw." + source + "_" + lakeName;
    }
}
