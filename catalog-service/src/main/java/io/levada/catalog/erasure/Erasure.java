package io.levada.catalog.erasure;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An order to take the rows of a key out, and how far it is. It is kept as a property of the raw table, so it outlives
/// the service; the property goes with the last copy of the rows.
///
/// @param places what is known of each table that has, or follows from, rows of the key
/// @param topics the offset before which records of each change topic are gone
/// @param segments what Kafka can delete the bytes of; null until its files were ended
/// @param filesGoAt when the files that no snapshot names any more are deleted
record Erasure(
        Order order,
        Stage stage,
        Found found,
        Map<String, Place> places,
        Map<String, Long> topics,
        @Nullable Segments segments,
        @Nullable Instant filesGoAt) {
    Erasure {
        places = Map.copyOf(places);
        topics = Map.copyOf(topics);
    }

    /// @param table the raw table, `namespace.name`
    /// @param key text by column
    /// @param ends the offset after the last record that each change topic of the table had, by the table's
    ///     property of the topic's next offset
    /// @param awaited ids of the events of the table that were not committed
    /// @param notes what the order does not reach
    record Order(
            String id,
            String table,
            Map<String, String> key,
            Instant at,
            Map<String, Long> ends,
            List<String> awaited,
            List<String> notes) {
        Order {
            key = Collections.unmodifiableMap(new LinkedHashMap<>(key));
            ends = Map.copyOf(ends);
            awaited = List.copyOf(awaited);
            notes = List.copyOf(notes);
        }
    }

    /// How far an erasure is.
    enum Stage {
        /// Rows are taken out of raw tables until all is in them that was on its way at the order.
        REMOVING,
        /// The tables that follow from them are computed anew; then snapshots from before expire.
        FOLLOWING,
        /// No table and no snapshot has the rows; queries that began before are given time to end.
        DELETING,
        /// No file of the lake has the rows.
        DONE
    }

    /// The files in which Kafka keeps the change topics of the table.
    ///
    /// @param ends an offset before which all records are in files that are not written to any more, by the
    ///     table's property of the topic's next offset
    /// @param refused topics whose file Kafka does not let us end
    record Segments(Map<String, Long> ends, List<String> refused) {
        Segments {
            ends = Map.copyOf(ends);
            refused = List.copyOf(refused);
        }

        Segments without(String topic) {
            List<String> more = new ArrayList<>(refused);
            more.add(topic);
            return new Segments(ends, more);
        }
    }

    /// What was found of the key.
    ///
    /// @param keys how many keys the rows had in their lives
    /// @param alive whether the source had not deleted the row yet, as far as the table told
    record Found(int keys, boolean alive) {
        static final Found NOTHING = new Found(1, false);
    }

    /// A table that had the rows, or was computed from one.
    ///
    /// @param rows that were taken out of it; 0 of a table that is computed anew
    /// @param rewritten files that were rewritten or dropped for that
    /// @param since sequence number of its first snapshot that is known to be without them
    /// @param kept that of its oldest snapshot whose metadata does not name what was there before either;
    ///     null until that is made
    /// @param list the file that lists what is to be deleted; null until it is written
    /// @param snapshots how many expire
    /// @param files how many no other snapshot has
    record Place(
            long rows,
            long rewritten,
            long since,
            @Nullable Long kept,
            @Nullable String list,
            int snapshots,
            int files) {
        static Place of(RowRemoval.Outcome outcome) {
            return new Place(outcome.rows(), outcome.files(), outcome.since(), null, null, 0, 0);
        }

        static Place since(long sequence) {
            return new Place(0, 0, sequence, null, null, 0, 0);
        }

        Place keepingFrom(long sequence) {
            return new Place(rows, rewritten, since, sequence, list, snapshots, files);
        }

        Place listed(String location, int expired, int named) {
            return new Place(rows, rewritten, since, kept, location, expired, named);
        }
    }

    /// The same order once more, for rows that came after it.
    Erasure again(Map<String, Long> ends, List<String> awaited) {
        Order renewed = new Order(order.id(), order.table(), order.key(), order.at(), ends, awaited, order.notes());
        return new Erasure(renewed, Stage.REMOVING, found, Map.of(), topics, null, null);
    }

    static Erasure of(Order order) {
        return new Erasure(order, Stage.REMOVING, Found.NOTHING, Map.of(), Map.of(), null, null);
    }

    Erasure at(Stage next) {
        return new Erasure(order, next, found, places, topics, segments, filesGoAt);
    }

    Erasure and(ErasedRows rows) {
        Boolean alive = rows.alive();
        Found more = new Found(Math.max(found.keys(), rows.keys()), alive == null ? found.alive() : alive);
        return new Erasure(order, stage, more, places, topics, segments, filesGoAt);
    }

    Erasure with(String table, Place place) {
        Map<String, Place> more = new HashMap<>(places);
        more.put(table, place);
        return new Erasure(order, stage, found, more, topics, segments, filesGoAt);
    }

    Erasure withTopics(Map<String, Long> deleted) {
        return new Erasure(order, stage, found, places, deleted, segments, filesGoAt);
    }

    Erasure with(Segments ended) {
        return new Erasure(order, stage, found, places, topics, ended, filesGoAt);
    }

    Erasure deletingAt(Instant time) {
        return new Erasure(order, Stage.DELETING, found, places, topics, segments, time);
    }

    /// How many rows were taken out of all tables so far.
    long rows() {
        return places.values().stream().mapToLong(Place::rows).sum();
    }
}
