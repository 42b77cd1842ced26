package io.levada.catalog.commit;

import io.levada.lake.ContentSnapshot;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.iceberg.TableMetadata;
import org.jspecify.annotations.Nullable;

/// What a table holds, as far as it decides on an event.
///
/// @param contentId the snapshot that its rows come from ([ContentSnapshot]), or null where there is none
/// @param committed whether the event of this id is in the table's history
record TableState(Map<String, String> properties, @Nullable Long contentId, Predicate<String> committed) {
    TableState {
        properties = Map.copyOf(properties);
    }

    static TableState of(TableMetadata metadata) {
        return new TableState(
                metadata.properties(),
                ContentSnapshot.current(metadata),
                id -> CommittedEvents.of(metadata).contains(id));
    }

    Optional<String> property(String name) {
        return Optional.ofNullable(properties.get(name));
    }

    /// A property that is a number, 0 where it is absent.
    long number(String name) {
        return property(name).map(Long::parseLong).orElse(0L);
    }

    /// The state that the next event of one batch meets.
    TableState after(PropertyChanges changes) {
        Map<String, String> next = new HashMap<>(properties);
        next.putAll(changes.set());
        next.keySet().removeAll(changes.removed());
        return new TableState(next, contentId, committed);
    }
}
