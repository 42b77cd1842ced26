package io.levada.events;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A [SourcePosition] that can be compared with others of its source, and its form in a snapshot's summary, under
/// [TableProperties#COMPLETE_TO] and the source's name.
///
/// @param order sorts the positions of one source as a string; has no space
public record TablePosition(
        String order, String position, @Nullable Instant commitTime) implements Comparable<TablePosition> {
    private static final String NO_TIME = "-";

    /// The position of a table that took in files up to a number.
    public static TablePosition ofFile(long number) {
        return new TablePosition("%020d".formatted(number), Long.toString(number), null);
    }

    /// What a snapshot's summary says, by source; empty where it says nothing.
    public static Map<String, TablePosition> in(Map<String, String> summary) {
        Map<String, TablePosition> positions = new TreeMap<>();
        summary.forEach((name, text) -> {
            if (name.startsWith(TableProperties.COMPLETE_TO)) {
                positions.put(name.substring(TableProperties.COMPLETE_TO.length()), parse(text));
            }
        });
        return positions;
    }

    private static TablePosition parse(String text) {
        String[] parts = text.split(" ", 3);
        if (parts.length != 3) {
            throw new IllegalArgumentException("'" + text + "' is not 'order time position'");
        }
        return new TablePosition(parts[0], parts[2], parts[1].equals(NO_TIME) ? null : Instant.parse(parts[1]));
    }

    /// As [#in] reads it.
    public String text() {
        return order + " " + (commitTime == null ? NO_TIME : commitTime) + " " + position;
    }

    public SourcePosition source() {
        return new SourcePosition(position, commitTime);
    }

    /// The same, as events and answers give it.
    public static Map<String, SourcePosition> sources(Map<String, TablePosition> positions) {
        Map<String, SourcePosition> sources = new TreeMap<>();
        positions.forEach((source, position) -> sources.put(source, position.source()));
        return sources;
    }

    @Override
    public int compareTo(TablePosition other) {
        return order.compareTo(other.order);
    }
}
