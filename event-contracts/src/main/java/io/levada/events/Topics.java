package io.levada.events;

import java.util.List;
import java.util.Optional;

/// Names of Levada's Kafka topics. Every topic here has exactly one partition and no time retention.
public final class Topics {
    public static final String FILE_ARRIVED = "levada.file-arrived";
    public static final String FILES_WRITTEN = "levada.files-written";
    public static final String FILES_REFUSED = "levada.files-refused";
    public static final String TABLE_COMMITTED = "levada.table-committed";
    public static final String QUERY_COMPLETED = "levada.query-completed";
    public static final String TABLE_LOADED = "levada.table-loaded";

    /// The compacted topic in which ingest processes say what they have taken over; ingest's own.
    public static final String INGEST_INCARNATIONS = "levada.ingest-incarnations";

    private static final String CHANGES_PREFIX = "levada.changes.";
    private static final String SOURCE_POSITIONS_PREFIX = "levada.source-positions.";

    private Topics() {}

    /// The change topic of one source table; `table` is the name that the table has in the lake, without the
    /// source.
    public static String changes(String source, String table) {
        return CHANGES_PREFIX + source + "." + table;
    }

    /// The name in the lake, with its source (`<source>_<table>`), of the table whose change topic this is; empty
    /// for other topics.
    public static Optional<String> tableOfChanges(String topic) {
        int dot = topic.indexOf('.', CHANGES_PREFIX.length());
        return topic.startsWith(CHANGES_PREFIX) && dot > 0
                ? Optional.of(topic.substring(CHANGES_PREFIX.length(), dot) + "_" + topic.substring(dot + 1))
                : Optional.empty();
    }

    /// The compacted topic that holds one source's log position and load plans, and for others its
    /// [PublishedPosition].
    public static String sourcePositions(String source) {
        return SOURCE_POSITIONS_PREFIX + source;
    }

    /// The source whose positions a topic holds; empty for other topics.
    public static Optional<String> sourceOfPositions(String topic) {
        return topic.startsWith(SOURCE_POSITIONS_PREFIX)
                ? Optional.of(topic.substring(SOURCE_POSITIONS_PREFIX.length()))
                : Optional.empty();
    }

    /// The control topics, keyed by table.
    public static List<String> control() {
        return List.of(FILE_ARRIVED, FILES_WRITTEN, FILES_REFUSED, TABLE_COMMITTED, QUERY_COMPLETED, TABLE_LOADED);
    }
}
