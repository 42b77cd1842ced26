package io.levada.ingest.quarantine;

import org.jspecify.annotations.Nullable;

/// A row that could not be taken in.
///
/// @param source the source's name
/// @param table the raw table that it was meant for
/// @param position the `_pos` it would have had, or topic, partition and offset of a record that can not be read
/// @param file the file it came from, relative to the source's folder; null for a change
/// @param line the record's ordinal in the file, from 1; null for a change or a whole file
/// @param raw its bytes, of a database's row a JSON object of its values as text; cut off after
///     [QuarantineWriter#MAX_RAW_BYTES]
/// @param code stable error code
/// @param reason for people; names the column and what was expected, never the value
public record QuarantinedRow(
        String source,
        String table,
        String position,
        @Nullable String file,
        @Nullable Long line,
        byte[] raw,
        String code,
        String reason) {}
