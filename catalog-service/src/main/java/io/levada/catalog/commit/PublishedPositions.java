package io.levada.catalog.commit;

import io.levada.events.PublishedPosition;
import io.levada.events.TablePosition;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The positions that sources have published, as far as they tell tables apart: by change topic, to which position a
/// table is complete that holds the topic up to some offset.
///
/// A topic that does not grow has one entry, whatever its source does. A topic that grows keeps a bounded number:
/// beyond it every second one is forgotten, and what is told is then an earlier position, never a later one. Safe for
/// use by several threads.
final class PublishedPositions {
    static final int KEPT_PER_TOPIC = 256;

    private final Map<String, Source> sources = new HashMap<>();

    private static final class Source {
        private @Nullable TablePosition newest;
        private Set<String> loading = Set.of();
        private final Map<String, NavigableMap<Long, TablePosition>> byEnd = new HashMap<>();
    }

    /// Takes a position in; those of one source come in order.
    synchronized void published(PublishedPosition next) {
        Source source = sources.computeIfAbsent(next.source(), _ -> new Source());
        TablePosition before = source.newest;
        next.ends().forEach((topic, end) -> {
            NavigableMap<Long, TablePosition> known = source.byEnd.computeIfAbsent(topic, _ -> new TreeMap<>());
            if (known.isEmpty() && before != null) {
                known.put(0L, before);
            }
            known.put(end, next.table());
            if (known.size() > KEPT_PER_TOPIC) {
                thin(known);
            }
        });
        source.newest = next.table();
        source.loading = next.loading();
    }

    private static void thin(NavigableMap<Long, TablePosition> known) {
        long last = known.lastKey();
        boolean drop = false;
        for (Iterator<Long> ends = known.keySet().iterator(); ends.hasNext(); drop = !drop) {
            if (ends.next() != last && drop) {
                ends.remove();
            }
        }
    }

    /// The newest known position to which a table is complete.
    ///
    /// @param end the table holds the topic's changes before this offset
    synchronized Optional<TablePosition> reached(String source, String topic, long end) {
        Source known = sources.get(source);
        if (known == null) {
            return Optional.empty();
        }
        NavigableMap<Long, TablePosition> byEnd = known.byEnd.get(topic);
        if (byEnd == null) {
            return Optional.ofNullable(known.newest);
        }
        return Optional.ofNullable(byEnd.floorEntry(end)).map(Map.Entry::getValue);
    }

    /// Whether a load of a topic's table is begun, as far as its source has told by its newest position.
    ///
    /// @return true also where nothing is known of the source
    synchronized boolean mayBeLoading(String source, String topic) {
        Source known = sources.get(source);
        return known == null || known.loading.contains(topic);
    }

    /// How many entries are kept for a topic.
    synchronized int kept(String source, String topic) {
        Source known = sources.get(source);
        return known == null
                ? 0
                : known.byEnd.getOrDefault(topic, new TreeMap<>()).size();
    }
}
