package io.levada.transform.mirror;

import io.levada.events.RawColumns;
import io.levada.sql.LakeSession;
import java.util.List;
import java.util.stream.Collectors;

/// DuckDB SQL that computes the rows of the newest version of each file from a raw table of files.
///
/// A version that replaces another begins with a row `_op = 'd'`, in the same commit as its rows: all rows of the same
/// file at an earlier `_pos` are void.
///
/// @param raw the raw table as SQL names it
/// @param columns the files' columns, in order
public record FileMirrorSql(String raw, List<String> columns) {
    /// Changes where the same rows give another mirror.
    public static final String FINGERPRINT = "file-mirror-1";

    public FileMirrorSql {
        columns = List.copyOf(columns);
    }

    /// A SELECT that yields the current rows, columns in order.
    public String select() {
        return """
                SELECT %1$s FROM %2$s h
                LEFT JOIN (SELECT %3$s AS file, max(%4$s) AS pos FROM %2$s WHERE %5$s = 'd' GROUP BY ALL) voided
                  ON voided.file = h.%3$s
                WHERE h.%5$s = 'c' AND (voided.pos IS NULL OR h.%4$s > voided.pos)""".formatted(
                        columns.stream()
                                .map(column -> "h." + LakeSession.quoted(column))
                                .collect(Collectors.joining(", ")),
                        raw,
                        LakeSession.quoted(RawColumns.FILE),
                        LakeSession.quoted(RawColumns.POS),
                        LakeSession.quoted(RawColumns.OP));
    }
}
