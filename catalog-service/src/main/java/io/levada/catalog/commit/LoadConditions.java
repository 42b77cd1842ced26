package io.levada.catalog.commit;

import io.levada.catalog.CatalogError;
import io.levada.events.FilesWritten;
import io.levada.events.LoadChunk;
import io.levada.events.TableProperties;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Decides on the steps of initial loads. They come in order, and a generation counts with its last one.
final class LoadConditions {
    private LoadConditions() {}

    /// The load that a table holds a part of.
    ///
    /// @param next the step that follows
    /// @param chunks how many it has
    /// @param pos `_pos` of its first step's rows
    private record Open(int generation, int next, int chunks, String pos) {
        static Optional<Open> of(TableState state) {
            return state.property(TableProperties.LOAD_OPEN).map(text -> {
                String[] parts = text.split("/", 4);
                return new Open(
                        Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]), parts[3]);
            });
        }

        String text() {
            return generation + "/" + next + "/" + chunks + "/" + pos;
        }
    }

    static Verdict chunk(FilesWritten event, LoadChunk chunk, TableState state) {
        long complete = state.number(TableProperties.LOAD_GENERATION);
        Optional<Open> stored = Open.of(state);
        long newest =
                Math.max(complete, stored.map(open -> (long) open.generation()).orElse(0L));
        if (chunk.generation() == complete) {
            return new Verdict.Repeat();
        }
        if (chunk.generation() < newest) {
            return new Verdict.Refuse(
                    CatalogError.LOAD_SUPERSEDED,
                    "Load generation %d is behind generation %d".formatted(chunk.generation(), newest),
                    false);
        }
        Open open = stored.filter(load -> load.generation() == chunk.generation())
                .orElseGet(() -> new Open(chunk.generation(), 0, chunk.chunks(), chunk.pos()));
        if (open.chunks() != chunk.chunks()) {
            return Preconditions.invalid(
                    event,
                    "is of a load of " + chunk.chunks() + " chunks; the table has begun one of " + open.chunks());
        }
        if (chunk.chunk() < open.next()) {
            return new Verdict.Repeat();
        }
        if (chunk.chunk() > open.next()) {
            return new Verdict.Park(
                    CatalogError.GAP,
                    "Chunk %d of load generation %d can not follow; the next one is %d"
                            .formatted(chunk.chunk(), chunk.generation(), open.next()));
        }
        return chunk.chunk() + 1 < chunk.chunks()
                ? new Verdict.Apply(PropertyChanges.set(Map.of(
                        TableProperties.LOAD_OPEN,
                        new Open(open.generation(), open.next() + 1, open.chunks(), open.pos()).text())))
                : new Verdict.Apply(completed(chunk, open.pos()));
    }

    private static PropertyChanges completed(LoadChunk last, String firstPos) {
        Map<String, String> next = new HashMap<>();
        next.put(TableProperties.LOAD_GENERATION, Integer.toString(last.generation()));
        next.put(TableProperties.LOAD_POS, firstPos);
        next.put(TableProperties.LOAD_LAST_POS, last.pos());
        Long completeAt = last.completeAt();
        if (completeAt == null) {
            return new PropertyChanges(next, Set.of(TableProperties.LOAD_COMPLETE_AT, TableProperties.LOAD_OPEN));
        }
        next.put(TableProperties.LOAD_COMPLETE_AT, Long.toString(completeAt));
        return new PropertyChanges(next, Set.of(TableProperties.LOAD_OPEN));
    }

    /// Chunks without a bad row send nothing here, so what is stored only ever grows.
    static Verdict quarantined(LoadChunk chunk, TableState state) {
        String name = TableProperties.loads(chunk);
        String[] stored = state.property(name).orElse("0/0").split("/", 2);
        int generation = Integer.parseInt(stored[0]);
        int last = stored.length == 1 ? Integer.MAX_VALUE : Integer.parseInt(stored[1]);
        boolean repeat = chunk.generation() < generation || chunk.generation() == generation && chunk.chunk() <= last;
        return repeat
                ? new Verdict.Repeat()
                : new Verdict.Apply(PropertyChanges.set(Map.of(name, chunk.generation() + "/" + chunk.chunk())));
    }
}
