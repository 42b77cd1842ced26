package io.levada.catalog.erasure;

import io.levada.catalog.CatalogError;
import io.levada.catalog.SettledEvents;
import io.levada.catalog.UnsettledEvents;
import io.levada.catalog.maintenance.MaintenanceException;
import io.levada.events.Cause;
import io.levada.events.FilesWritten;
import io.levada.events.TableProperties;
import io.levada.events.Topics;
import io.levada.lake.LakeCatalog;
import io.levada.lake.storage.LakeFileIO;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.exceptions.NoSuchTableException;

/// Takes orders and brings them one step further at a time. Each step may be repeated: what it did before a crash it
/// finds done.
final class Eraser {
    private static final String QUARANTINE = "raw.quarantine";

    /// The order names them all.
    private static final int MOST_AWAITED = 1_000;

    private final Catalog catalog;
    private final ErasureStore store;
    private final TableReader reader;
    private final RowRemoval removal;
    private final QuarantinedRows quarantined;
    private final FollowingTables following;
    private final OldCopies copies;
    private final ChangeTopicRecords topics;
    private final UnsettledEvents events;
    private final SettledEvents settled;
    private final ErasureTiming timing;
    private final Clock clock;

    Eraser(
            Catalog catalog,
            TableReader reader,
            RowRemoval removal,
            OldCopies copies,
            ChangeTopicRecords topics,
            UnsettledEvents events,
            SettledEvents settled,
            ErasureTiming timing,
            Clock clock) {
        this.catalog = catalog;
        this.store = new ErasureStore(catalog, clock);
        this.reader = reader;
        this.removal = removal;
        this.quarantined = new QuarantinedRows(catalog, reader);
        this.following = new FollowingTables(catalog);
        this.copies = copies;
        this.topics = topics;
        this.events = events;
        this.settled = settled;
        this.timing = timing;
        this.clock = clock;
    }

    /// @param erasure as it is now
    /// @param waitingFor what it waits for, for people; empty where it does not
    record Step(Erasure erasure, String waitingFor) {
        static Step of(Erasure erasure) {
            return new Step(erasure, "");
        }
    }

    /// What an order would take out of the raw table as it is now.
    ///
    /// @param keys how many keys the rows had in their lives
    record Preview(String table, ErasureKey key, long rows, int keys, boolean alive) {}

    ErasureStore store() {
        return store;
    }

    /// @param words as [ErasureKey#of] reads them
    /// @throws MaintenanceException `ERASURE_TABLE`, `ERASURE_KEY`
    Preview preview(String name, List<String> words) {
        String raw = raw(name);
        BaseTable table = table(raw);
        ErasureKey key = ErasureKey.of(table, raw, words);
        if (table.currentSnapshot() == null) {
            return new Preview(raw, key, 0, 1, false);
        }
        ErasedRows found = ErasedRows.of(table, raw, key, reader);
        long rows = reader.count(table, raw, TableReader.files(table, raw, found.files()), found.rows());
        return new Preview(raw, key, rows, found.keys(), Boolean.TRUE.equals(found.alive()));
    }

    /// Takes an order. Once this returns it outlives a crash.
    ///
    /// @throws MaintenanceException `ERASURE_TABLE`, `ERASURE_KEY`, `ERASURE_BLOCKED`
    Erasure order(String name, List<String> words) {
        String raw = raw(name);
        BaseTable table = table(raw);
        ErasureKey key = ErasureKey.of(table, raw, words);
        Map<String, Long> ends = topics.ends(table);
        Set<String> awaited = unsettled(raw);
        if (awaited.size() > MOST_AWAITED) {
            throw new MaintenanceException(
                    CatalogError.ERASURE_BLOCKED,
                    "%d events of %s wait to be committed".formatted(awaited.size(), raw),
                    null);
        }
        Erasure erasure = Erasure.of(new Erasure.Order(
                UUID.randomUUID().toString(),
                raw,
                key.values(),
                clock.instant(),
                ends,
                List.copyOf(awaited),
                notes(raw, table)));
        store.save(erasure);
        return erasure;
    }

    private List<String> notes(String raw, BaseTable table) {
        List<String> notes = new ArrayList<>(quarantined.notes(raw));
        if (LakeFileIO.isBucket(table.location())) {
            notes.add("Services that run apart from catalog-service keep copies of the bucket's files on their disks"
                    + " for up to 25 hours after their last use");
        }
        return notes;
    }

    private BaseTable table(String name) {
        return (BaseTable) catalog.loadTable(LakeCatalog.identifier(name));
    }

    /// The raw table that a name stands for: itself, or that of a mirror.
    private String raw(String name) {
        int dot = name.indexOf('.');
        try {
            Table table = dot > 0 && dot < name.length() - 1 ? table(name) : null;
            if (table == null) {
                throw refused("There is no table " + name);
            }
            if (TableProperties.IN_PLACE.equals(table.properties().get(TableProperties.DATA_FILES))) {
                throw refused("The files of " + name + " lie elsewhere and are not the lake's to rewrite");
            }
            if (((BaseTable) table).operations().current().formatVersion() < 2) {
                throw refused(name + " has format version 1, which does not tell the order of its snapshots");
            }
            if (name.startsWith("raw.") && !name.equals(QUARANTINE)) {
                return name;
            }
            List<String> inputs = table.properties().keySet().stream()
                    .filter(key -> key.startsWith(TableProperties.INPUT))
                    .map(key -> key.substring(TableProperties.INPUT.length()))
                    .toList();
            if (name.startsWith("stage.") && inputs.size() == 1) {
                return inputs.getFirst();
            }
            throw refused(name + " is no table of a source, nor the mirror of one");
        } catch (NoSuchTableException _) {
            throw refused("There is no table " + name);
        }
    }

    private static MaintenanceException refused(String reason) {
        return new MaintenanceException(CatalogError.ERASURE_TABLE, reason, null);
    }

    /// Ids of the events of a table that are not settled.
    private Set<String> unsettled(String name) {
        Set<String> ids = new TreeSet<>();
        events.read(event -> {
            FilesWritten files = event.event();
            if (files != null && (files.table().equals(name) || files.table().equals(QUARANTINE))) {
                ids.add(files.id());
            }
        });
        return ids;
    }

    /// @throws MaintenanceException where something stands in the way; it is tried again
    Step advance(Erasure erasure) {
        Step next = switch (erasure.stage()) {
            case REMOVING -> remove(erasure);
            case FOLLOWING -> follow(erasure);
            case DELETING -> delete(erasure);
            case DONE -> Step.of(erasure);
        };
        if (next.erasure().stage() == Erasure.Stage.DONE) {
            store.forget(next.erasure());
        } else if (!next.erasure().equals(erasure)) {
            store.save(next.erasure());
        }
        return next;
    }

    private Step remove(Erasure erasure) {
        Erasure.Order order = erasure.order();
        BaseTable table = table(order.table());
        String waiting = onItsWay(order, table);
        ErasureKey key = new ErasureKey(order.key());
        Erasure now = erasure;
        boolean more = true;
        while (more) {
            more = false;
            table.refresh();
            if (table.currentSnapshot() != null) {
                ErasedRows found = ErasedRows.of(table, order.table(), key, reader);
                now = now.and(found);
                // What lands meanwhile is for the next look: it may tell that the source has deleted the row.
                more = removal.remove(table, order.table(), found.files(), found.rows(), Cause.ERASURE, order.id());
            }
            Optional<QuarantinedRows.Selection> bad = quarantined.of(order.table(), key);
            if (bad.isPresent()) {
                more |= removal.remove(
                        bad.get().table(),
                        QUARANTINE,
                        bad.get().files(),
                        bad.get().rows(),
                        Cause.ERASURE,
                        order.id());
            }
        }
        for (String name : List.of(order.table(), QUARANTINE)) {
            // The tables tell what was done, also before a crash.
            Optional<RowRemoval.Outcome> outcome = catalog.tableExists(LakeCatalog.identifier(name))
                    ? RowRemoval.of(table(name), order.id())
                    : Optional.empty();
            Erasure.Place known = now.places().get(name);
            if (outcome.isPresent()
                    && (known == null || known.since() < outcome.get().since())) {
                now = now.with(name, Erasure.Place.of(outcome.get()));
            }
        }
        if (!waiting.isEmpty()) {
            return new Step(now, waiting);
        }
        Erasure.Segments segments = now.segments();
        if (segments == null) {
            segments = endSegments(table);
            now = now.with(segments);
            store.save(now);
        }
        Map<String, Long> ends = segments.ends();
        table.refresh();
        if (!topics.areLanded(table, ends)) {
            return new Step(now, toBeLanded(order));
        }
        Map<String, Long> deleted = new TreeMap<>(topics.delete(table, ends));
        deleted.put(Topics.FILES_WRITTEN, settled.delete());
        now = now.withTopics(deleted);
        return Step.of(now.at(now.places().isEmpty() ? Erasure.Stage.DONE : Erasure.Stage.FOLLOWING));
    }

    private Erasure.Segments endSegments(BaseTable table) {
        Erasure.Segments segments = topics.endSegments(table);
        return settled.endSegment() ? segments : segments.without(Topics.FILES_WRITTEN);
    }

    private static String toBeLanded(Erasure.Order order) {
        return "changes that Kafka held at the order to be landed in " + order.table();
    }

    /// What was on its way into the table at the order and is not in it yet, for people; empty where there is
    /// nothing.
    private String onItsWay(Erasure.Order order, BaseTable table) {
        List<String> waiting = new ArrayList<>();
        if (table.properties().containsKey(TableProperties.KEY)
                && clock.instant().isBefore(order.at().plus(timing.settling()))) {
            waiting.add("changes that the source has made shortly before the order");
        }
        if (!topics.areLanded(table, order.ends())) {
            waiting.add(toBeLanded(order));
        }
        Set<String> left = unsettled(order.table());
        left.retainAll(order.awaited());
        if (!left.isEmpty()) {
            waiting.add("files that were offered to " + order.table() + " before the order to be committed");
        }
        if (table.properties().containsKey(TableProperties.LOAD_OPEN)) {
            waiting.add("the load of " + order.table() + " that goes on");
        }
        return String.join(", and ", waiting);
    }

    private Step follow(Erasure erasure) {
        FollowingTables.Look look = following.look(erasure);
        Erasure now = look.erasure();
        if (!look.waiting().isEmpty()) {
            return new Step(now, String.join(", ", look.waiting()) + " to be computed anew");
        }
        for (String name : there(now)) {
            Erasure.Place place = now.places().get(name);
            if (place != null && place.kept() == null) {
                Optional<Long> kept = copies.forgetReplaced(
                        name, table(name), UUID.randomUUID().toString());
                if (kept.isEmpty()) {
                    return new Step(now, name + " to be committed to by nobody else for a moment");
                }
                now = now.with(name, place.keepingFrom(kept.get()));
            }
        }
        store.save(now);
        for (String name : there(now)) {
            Optional<Erasure> next = expire(now, name);
            if (next.isEmpty()) {
                return new Step(now, "the snapshots of " + name + " to be announced");
            }
            now = next.get();
        }
        return Step.of(now.deletingAt(clock.instant().plus(timing.filesKept())));
    }

    /// The tables with places. The files of one that was dropped go as those of dropped tables do.
    private List<String> there(Erasure erasure) {
        return erasure.places().keySet().stream()
                .filter(name -> catalog.tableExists(LakeCatalog.identifier(name)))
                .sorted()
                .toList();
    }

    private Optional<Erasure> expire(Erasure erasure, String name) {
        Erasure.Place place = erasure.places().get(name);
        if (place == null || place.kept() == null) {
            return Optional.of(erasure);
        }
        BaseTable table = table(name);
        List<Snapshot> old = OldCopies.old(name, table, place.kept());
        Erasure now = erasure;
        if (!old.isEmpty()) {
            if (!copies.areAnnounced(name, table, place.kept())) {
                return Optional.empty();
            }
            if (place.list() == null) {
                now = erasure.with(name, copies.list(name, table, place, old));
                store.save(now);
            }
            copies.expire(name, table(name), old);
        }
        return Optional.of(now);
    }

    private Step delete(Erasure erasure) {
        Instant due = erasure.filesGoAt();
        if (due != null && clock.instant().isBefore(due)) {
            return new Step(erasure, "queries that began before the snapshots went, until " + due);
        }
        for (String name : there(erasure)) {
            Erasure.Place place = erasure.places().get(name);
            String list = place == null ? null : place.list();
            if (list != null) {
                copies.delete(name, table(name), list);
            }
        }
        // What a parked table held up at first, and what a broker has back that was killed within a minute of it.
        settled.delete();
        Erasure.Segments segments = erasure.segments();
        topics.delete(table(erasure.order().table()), segments == null ? Map.of() : segments.ends());
        return Step.of(whatCameSince(erasure));
    }

    /// A delete that reached the lake late is taken out as well; rows that the source goes on to send are not.
    private Erasure whatCameSince(Erasure erasure) {
        String raw = erasure.order().table();
        BaseTable table = table(raw);
        Boolean alive = table.currentSnapshot() == null
                ? null
                : ErasedRows.of(table, raw, new ErasureKey(erasure.order().key()), reader)
                        .alive();
        if (Boolean.FALSE.equals(alive)) {
            return erasure.again(topics.ends(table), List.copyOf(unsettled(raw)));
        }
        return erasure.at(Erasure.Stage.DONE);
    }
}
