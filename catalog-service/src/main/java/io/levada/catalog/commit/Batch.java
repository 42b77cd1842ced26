package io.levada.catalog.commit;

import io.levada.events.FilesWritten;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Events of one table that go into one Iceberg commit.
///
/// @param events to commit, in order; all of one cause
/// @param changes of each event
/// @param consumed how many of the offered events this batch settles, repeats among them
/// @param stop why the event after them is not in the batch, where the reason is not the batch's own limits
record Batch(List<FilesWritten> events, List<PropertyChanges> changes, int consumed, Stop stop) {
    /// Keeps the snapshot summary small.
    static final int MAX_EVENTS = 100;

    Batch {
        events = List.copyOf(events);
        changes = List.copyOf(changes);
    }

    /// Why a batch ends.
    sealed interface Stop {
        /// All events are in, or the batch is full.
        record Limit() implements Stop {}

        /// The next event is refused.
        record Refused(FilesWritten event, Verdict.Refuse verdict) implements Stop {}

        /// The next event can not be committed now.
        record Parked(FilesWritten event, Verdict.Park verdict) implements Stop {}
    }

    /// The longest batch that the table's state allows.
    static Batch plan(List<FilesWritten> offered, TableState state) {
        List<FilesWritten> events = new ArrayList<>();
        List<PropertyChanges> changes = new ArrayList<>();
        TableState expected = state;
        int consumed = 0;
        for (FilesWritten event : offered) {
            if (!joins(events, event)) {
                break;
            }
            switch (Preconditions.of(event, expected)) {
                case Verdict.Repeat _ -> {}
                case Verdict.Apply apply -> {
                    events.add(event);
                    changes.add(apply.changes());
                    expected = expected.after(apply.changes());
                }
                case Verdict.Refuse refuse -> {
                    return new Batch(events, changes, consumed, new Stop.Refused(event, refuse));
                }
                case Verdict.Park park -> {
                    return new Batch(events, changes, consumed, new Stop.Parked(event, park));
                }
            }
            consumed++;
        }
        return new Batch(events, changes, consumed, new Stop.Limit());
    }

    private static boolean joins(List<FilesWritten> events, FilesWritten event) {
        if (events.isEmpty()) {
            return true;
        }
        return events.size() < MAX_EVENTS
                && events.getFirst().cause() == event.cause()
                && !events.getFirst().replace()
                && !event.replace();
    }

    /// The changes of all events, a later one's over an earlier one's.
    PropertyChanges merged() {
        Map<String, String> set = new HashMap<>();
        Set<String> removed = new HashSet<>();
        for (PropertyChanges change : changes) {
            set.putAll(change.set());
            removed.removeAll(change.set().keySet());
            set.keySet().removeAll(change.removed());
            removed.addAll(change.removed());
        }
        return new PropertyChanges(set, removed);
    }

    /// Whether every event may still be committed, one after the other, to a table in this state.
    boolean holds(TableState state) {
        Batch again = plan(events, state);
        return again.events().equals(events) && again.changes().equals(changes);
    }
}
