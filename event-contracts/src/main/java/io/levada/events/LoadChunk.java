package io.levada.events;

import org.jspecify.annotations.Nullable;

/// One step of the durable plan of a table's initial load.
///
/// @param table the raw table that is loaded, `namespace.name`
/// @param generation counts the loads of this table from 1; mirrors use the newest complete one
/// @param chunk the step's number from 0
/// @param chunks how many steps the plan has
/// @param pos the `_pos` that the chunk's rows carry: they are the state there, and every change after it wins.
///     Chunks that are read after a crash have a greater one
/// @param completeAt the offset of the table's change topic that the stream must have reached before the load may be
///     used, or null where it may be used at once
public record LoadChunk(
        String table,
        int generation,
        int chunk,
        int chunks,
        String pos,
        @Nullable Long completeAt) {
    public LoadChunk {
        if (generation < 1 || chunk < 0 || chunks <= chunk) {
            throw new IllegalArgumentException(
                    "Load chunk " + chunk + " of " + chunks + ", generation " + generation + " is not valid");
        }
    }
}
