package io.levada.catalog.commit;

import io.levada.events.TableProperties;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.util.SnapshotUtil;

/// The ids of events that are in a table's history, as snapshot summaries name them.
final class CommittedEvents {
    private CommittedEvents() {}

    static Set<String> of(TableMetadata metadata) {
        Set<String> ids = new HashSet<>();
        Snapshot current = metadata.currentSnapshot();
        if (current != null) {
            SnapshotUtil.ancestorsOf(current.snapshotId(), metadata::snapshot)
                    .forEach(snapshot -> ids.addAll(in(snapshot)));
        }
        return ids;
    }

    private static List<String> in(Snapshot snapshot) {
        String ids = snapshot.summary().get(TableProperties.SUMMARY_EVENTS);
        return ids == null ? List.of() : List.of(ids.split(",", -1));
    }
}
