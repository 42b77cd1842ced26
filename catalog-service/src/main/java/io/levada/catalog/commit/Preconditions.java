package io.levada.catalog.commit;

import io.levada.catalog.CatalogError;
import io.levada.events.FileIdentity;
import io.levada.events.FilesWritten;
import io.levada.events.LoadChunk;
import io.levada.events.OffsetRange;
import io.levada.events.TableInput;
import io.levada.events.TableProperties;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Decides whether an event may be committed. The same decision is taken twice: when a commit is planned, and inside
/// the commit, against the base of every attempt.
final class Preconditions {
    static final String LAST_EVENT = TableProperties.LAST_EVENT;

    private Preconditions() {}

    static Verdict of(FilesWritten event, TableState state) {
        return switch (event.cause()) {
            case CHANGES -> changes(event, state);
            case FILE -> file(event, state);
            case CHUNK -> chunk(event, state);
            case QUARANTINE -> quarantine(event, state);
            case CURATION, MIRROR -> replacement(event, state);
            case COMPACTION, ERASURE, RETENTION ->
                new Verdict.Refuse(
                        CatalogError.NOT_SUPPORTED, "Rewritten files are committed by catalog-service alone", false);
        };
    }

    private static Verdict changes(FilesWritten event, TableState state) {
        if (event.ranges().isEmpty()) {
            return invalid(event, "names no range");
        }
        Map<String, String> next = new HashMap<>();
        int repeated = 0;
        for (OffsetRange range : event.ranges()) {
            String name = TableProperties.offsets(range);
            Optional<String> foreign = foreignOffsets(range, state);
            if (foreign.isPresent()) {
                return new Verdict.Park(
                        CatalogError.FOREIGN_OFFSETS,
                        "%s of topic %s can not follow on %s".formatted(text(range), range.topic(), foreign.get()));
            }
            long stored = state.number(name);
            if (range.end() <= stored) {
                repeated++;
            } else if (range.start() != stored) {
                return new Verdict.Park(
                        range.start() > stored ? CatalogError.GAP : CatalogError.OVERLAP,
                        "%s of topic %s does not start at the next offset %d"
                                .formatted(text(range), range.topic(), stored));
            }
            next.put(name, Long.toString(range.end()));
        }
        if (repeated == event.ranges().size()) {
            return new Verdict.Repeat();
        }
        if (repeated > 0) {
            return new Verdict.Park(
                    CatalogError.OVERLAP, "Some of its ranges are in the table and others are not: " + event.ranges());
        }
        return new Verdict.Apply(PropertyChanges.set(next));
    }

    /// The stored offsets of another cluster or topic, where there are none of this one.
    private static Optional<String> foreignOffsets(OffsetRange range, TableState state) {
        String own = TableProperties.OFFSETS + range.clusterId() + "." + range.topicId() + ".";
        return state.properties().keySet().stream()
                .filter(name -> name.startsWith(TableProperties.OFFSETS) && !name.startsWith(own))
                .filter(_ -> state.property(TableProperties.offsets(range)).isEmpty())
                .sorted()
                .findFirst();
    }

    private static Verdict file(FilesWritten event, TableState state) {
        FileIdentity file = event.file();
        if (file == null) {
            return invalid(event, "names no file");
        }
        long stored = state.number(TableProperties.files(file));
        if (file.number() <= stored) {
            return new Verdict.Repeat();
        }
        if (file.number() != stored + 1) {
            return new Verdict.Park(
                    CatalogError.GAP,
                    "File %s of source %s has number %d; the table has taken in %d"
                            .formatted(file.path(), file.source(), file.number(), stored));
        }
        return new Verdict.Apply(number(file));
    }

    private static Verdict chunk(FilesWritten event, TableState state) {
        LoadChunk chunk = event.chunk();
        if (chunk == null) {
            return invalid(event, "names no chunk");
        }
        return LoadConditions.chunk(event, chunk, state);
    }

    /// Ranges without a bad row send nothing here, so what is stored only ever grows.
    private static Verdict quarantine(FilesWritten event, TableState state) {
        FileIdentity file = event.file();
        if (file != null) {
            return file.number() <= state.number(TableProperties.files(file))
                    ? new Verdict.Repeat()
                    : new Verdict.Apply(number(file));
        }
        LoadChunk chunk = event.chunk();
        if (chunk != null) {
            return LoadConditions.quarantined(chunk, state);
        }
        if (event.ranges().isEmpty()) {
            return invalid(event, "names neither a range nor a file nor a load");
        }
        Map<String, String> next = new HashMap<>();
        for (OffsetRange range : event.ranges()) {
            if (range.end() > state.number(TableProperties.offsets(range))) {
                next.put(TableProperties.offsets(range), Long.toString(range.end()));
            }
        }
        return next.isEmpty() ? new Verdict.Repeat() : new Verdict.Apply(PropertyChanges.set(next));
    }

    private static Verdict replacement(FilesWritten event, TableState state) {
        if (!event.replace()
                || !event.deleted().isEmpty()
                || !event.referenced().isEmpty()) {
            return new Verdict.Refuse(
                    CatalogError.NOT_SUPPORTED, "Only results that replace the whole table are committed yet", false);
        }
        List<TableInput> inputs = event.inputs();
        if (state.property(LAST_EVENT).filter(event.id()::equals).isPresent()
                || state.committed().test(event.id())) {
            return new Verdict.Repeat();
        }
        if (!Objects.equals(event.base(), state.contentId())) {
            return new Verdict.Refuse(
                    CatalogError.BASE_MOVED,
                    "Planned on snapshot %s, the table is at %s".formatted(event.base(), state.contentId()),
                    true);
        }
        Map<String, String> next = new HashMap<>();
        next.put(LAST_EVENT, event.id());
        for (TableInput input : inputs) {
            String name = TableProperties.INPUT + input.table();
            String from = input.from() == null ? null : Long.toString(input.from());
            String stored = state.property(name).orElse(null);
            if (!Objects.equals(from, stored)) {
                return new Verdict.Refuse(
                        CatalogError.INPUTS_MOVED,
                        "Computed from %s at %s, the table follows from %s".formatted(input.table(), from, stored),
                        true);
            }
            next.put(name, Long.toString(input.to()));
        }
        return new Verdict.Apply(PropertyChanges.set(next));
    }

    private static PropertyChanges number(FileIdentity file) {
        return PropertyChanges.set(Map.of(TableProperties.files(file), Long.toString(file.number())));
    }

    static Verdict invalid(FilesWritten event, String what) {
        return new Verdict.Park(CatalogError.EVENT_INVALID, "Event " + event.id() + " " + what);
    }

    private static String text(OffsetRange range) {
        return "Range [%d, %d)".formatted(range.start(), range.end());
    }
}
