package io.levada.events;

import java.util.Set;

/// Names of the columns that Levada adds to the rows of raw tables.
public final class RawColumns {
    /// `r` state from an initial load; `c`, `u`, `d`, `t` changes.
    public static final String OP = "_op";

    /// Source epoch and sequence as a string; sorts in source order.
    public static final String POS = "_pos";

    /// The source's native log position.
    public static final String SOURCE_POS = "_source_pos";

    /// When the source committed.
    public static final String TS = "_ts";

    /// The source's transaction id.
    public static final String TX = "_tx";

    public static final String INGESTED_AT = "_ingested_at";

    /// Names of the columns whose values the source did not send.
    public static final String UNCHANGED = "_unchanged";

    /// The key that the row had before this change, where the change moved it.
    public static final String OLD_KEY = "_old_key";

    /// The generation of the initial load that read the row; null for changes.
    public static final String LOAD = "_load";

    /// The file that the row came from, relative to the source's folder.
    public static final String FILE = "_file";

    /// The record's ordinal in its file, from 1, header not counted.
    public static final String LINE = "_line";

    /// UTC date at which the Parquet file was opened; partition field.
    public static final String INGESTION_DATE = "ingestion_date";

    /// All of the above: names that a source's column may not have.
    public static final Set<String> ALL =
            Set.of(OP, POS, SOURCE_POS, TS, TX, INGESTED_AT, UNCHANGED, OLD_KEY, LOAD, FILE, LINE, INGESTION_DATE);

    private RawColumns() {}
}
