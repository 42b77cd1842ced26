package io.levada.events;

/// Names of the Iceberg table properties in which a table keeps what it holds. They change only inside the commit
/// that adds the data, so they are the truth about progress.
public final class TableProperties {
    /// Prefix of the next expected offset of a change topic: `levada.offsets.<clusterId>.<topicId>.<partition>`.
    public static final String OFFSETS = "levada.offsets.";

    /// Prefix of the number of the last file taken in: `levada.files.<source>.<raw table>`.
    public static final String FILES = "levada.files.";

    /// Prefix, in the quarantine table, of the newest load of a table whose bad rows it holds, as
    /// `generation/chunk`: `levada.loads.<raw table>`.
    public static final String LOADS = "levada.loads.";

    /// Prefix, in the quarantine table, of the time up to which an operator has settled the entries of a table:
    /// `levada.settled.<raw table>`.
    public static final String SETTLED = "levada.settled.";

    /// The newest complete load generation, the least and the greatest `_pos` of its rows, and the change-topic
    /// offset that completes it.
    public static final String LOAD_GENERATION = "levada.load.generation";

    public static final String LOAD_POS = "levada.load.pos";
    public static final String LOAD_LAST_POS = "levada.load.last-pos";
    public static final String LOAD_COMPLETE_AT = "levada.load.complete-at";

    /// The load that the table holds a part of: `generation/next chunk/chunks/_pos of the first`.
    public static final String LOAD_OPEN = "levada.load.open";

    /// The snapshot of each input that a derived table follows from: `levada.input.<namespace.name>`.
    public static final String INPUT = "levada.input.";

    /// Names of the source table's key columns as a JSON array; absent where it has no key.
    public static final String KEY = "levada.key";

    /// Name of the source that fills a raw table.
    public static final String SOURCE = "levada.source";

    /// Snapshot summary: id and cause of the [FilesWritten] events in the commit.
    public static final String SUMMARY_EVENTS = "levada.event-ids";

    public static final String SUMMARY_CAUSE = "levada.cause";

    /// Snapshot summary: the id of the snapshot whose rows this one keeps, where it only rewrites files or
    /// manifests.
    public static final String SUMMARY_REWRITE_OF = "levada.rewrite-of";

    /// The event that a derived table's rows come from: each one replaces them all.
    public static final String LAST_EVENT = "levada.last-event";

    /// Prefix, in a snapshot summary, of how far the table is complete: `levada.complete-to.<source>`, as
    /// [TablePosition] writes it.
    public static final String COMPLETE_TO = "levada.complete-to.";

    /// Prefixes, in a snapshot summary, of what the snapshot was made of; [SnapshotInputs] writes and reads them.
    /// Of a derived table `levada.computed-from.<namespace.name>` = `<from> <to>`: the input's snapshot that the
    /// table followed from before, or `-`, and the one that it follows from now.
    public static final String SUMMARY_INPUT = "levada.computed-from.";

    /// Of landed changes `levada.range.<clusterId>.<topicId>.<partition>` = `<start> <end> <topic>`, half-open.
    /// The first range of a snapshot starts where the one before ended, or later where ranges between held no
    /// row.
    public static final String SUMMARY_RANGE = "levada.range.";

    /// Of a load `levada.chunks.<raw table>.<generation>` = `<first> <last> <of how many> <_pos of the first>`.
    public static final String SUMMARY_CHUNKS = "levada.chunks.";

    /// Of files taken in `levada.file-numbers.<source>.<raw table>` = `<first> <last>`.
    public static final String SUMMARY_FILE_NUMBERS = "levada.file-numbers.";

    /// Of a file taken in `levada.file.<source>.<raw table>.<number>` = `<sha256> <path>`.
    public static final String SUMMARY_FILE = "levada.file.";

    /// How many ranges, loads and files a summary has no room to name.
    public static final String SUMMARY_UNNAMED = "levada.unnamed-inputs";

    /// [#IN_PLACE] where the table's data files lie elsewhere and are not the lake's: nothing of ours deletes or
    /// moves them. Its own metadata is the lake's.
    public static final String DATA_FILES = "levada.files";

    public static final String IN_PLACE = "in-place";

    /// The folder or prefix that the files of such a table lie below.
    public static final String CRAWL_LOCATION = "levada.crawl.location";

    /// Prefix of an erasure that has been ordered and is not done: `levada.erasure.<id>`, a JSON object.
    public static final String ERASURE = "levada.erasure.";

    /// The first `ingestion_date` whose rows are all kept, where retention has bounded the table: rows before it
    /// are there only as far as a current state depended on them then.
    public static final String KEPT_FROM = "levada.kept-from";

    /// Prefix of an offset that nothing stands before in a change topic but what the table holds:
    /// `levada.empty-before.<clusterId>.<topicId>.<partition>`. It counts where it is greater than the next
    /// expected offset, which is the one behind the last record: markers of transactions may follow.
    public static final String EMPTY_BEFORE = "levada.empty-before.";

    private TableProperties() {}

    /// @param offsets the property of the topic's next offset
    public static String emptyBefore(String offsets) {
        return EMPTY_BEFORE + offsets.substring(OFFSETS.length());
    }

    public static String offsets(OffsetRange range) {
        return OFFSETS + range.clusterId() + "." + range.topicId() + "." + range.partition();
    }

    public static String loads(LoadChunk chunk) {
        return LOADS + chunk.table();
    }

    public static String files(FileIdentity file) {
        return FILES + file.source() + "." + file.table();
    }
}
