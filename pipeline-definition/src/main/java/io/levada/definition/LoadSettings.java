package io.levada.definition;

/// How a database's tables are read for initial loads.
///
/// @param connections how many read at a time
/// @param chunkBytes of a table that one step reads, about
public record LoadSettings(int connections, long chunkBytes) {
    /// Where the definition says nothing.
    public static final LoadSettings DEFAULT = new LoadSettings(2, 32L * 1024 * 1024);
}
