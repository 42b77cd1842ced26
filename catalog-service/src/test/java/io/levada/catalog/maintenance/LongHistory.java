package io.levada.catalog.maintenance;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Gives a table with one snapshot a past, by writing its metadata.
final class LongHistory {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final List<Entry> entries = new ArrayList<>();
    private long parent = -1;

    private record Entry(long id, long parent, long sequence, Instant at, Map<String, String> summary) {}

    /// One snapshot more, upon the one before.
    ///
    /// @return its id
    long add(Instant at, Map<String, String> summary) {
        long sequence = entries.size() + 1L;
        long id = 1_000_000 + sequence;
        entries.add(new Entry(id, parent, sequence, at, summary));
        parent = id;
        return id;
    }

    long add(Instant at) {
        return add(at, Map.of());
    }

    void addEvery(Duration distance, Instant from, Instant to) {
        for (Instant at = from; at.isBefore(to); at = at.plus(distance)) {
            add(at);
        }
    }

    /// The next snapshot goes upon this one, as after a table was set back.
    void setBackTo(long id) {
        parent = id;
    }

    /// Makes this the history of a table; those of its snapshots that are gone stay away.
    void write(BaseTable table, java.util.function.LongPredicate isThere) {
        TableMetadata base = table.operations().refresh();
        ObjectNode metadata = (ObjectNode) JSON.readTree(TableMetadataParser.toJson(base));
        ObjectNode pattern = (ObjectNode) metadata.path("snapshots").get(0);
        ArrayNode snapshots = metadata.putArray("snapshots");
        ArrayNode log = metadata.putArray("snapshot-log");
        for (Entry entry : entries) {
            if (isThere.test(entry.id())) {
                ObjectNode snapshot = pattern.deepCopy();
                snapshot.put("snapshot-id", entry.id());
                snapshot.remove("parent-snapshot-id");
                if (entry.parent() > 0) {
                    snapshot.put("parent-snapshot-id", entry.parent());
                }
                snapshot.put("sequence-number", entry.sequence());
                snapshot.put("timestamp-ms", entry.at().toEpochMilli());
                ObjectNode summary = (ObjectNode) snapshot.path("summary");
                summary.remove("levada.rewrite-of");
                entry.summary().forEach(summary::put);
                snapshots.add(snapshot);
                log.addObject().put("timestamp-ms", entry.at().toEpochMilli()).put("snapshot-id", entry.id());
            }
        }
        metadata.put("last-sequence-number", entries.size());
        metadata.put("current-snapshot-id", entries.getLast().id());
        ((ObjectNode) metadata.path("refs").path("main"))
                .put("snapshot-id", entries.getLast().id());
        table.operations().commit(base, TableMetadataParser.fromJson(metadata.toString()));
    }
}
