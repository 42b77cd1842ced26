package io.levada.catalog.retention;

import io.levada.events.RawColumns;
import io.levada.sql.LakeSession;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// DuckDB SQL that tells which rows of a raw table no current state depends on: its mirror is the same without them,
/// without any part of them, and with whatever the log brings later. So files may lose them one after another.
///
/// How a mirror follows from a history is told at transform-service's `MirrorSql`; these are its words. A row goes when
///
/// - it does not count any more: it is of an older load, or was voided by a truncate or by the load (the
///   newest truncate itself stays); or
/// - it is superseded: after it its key has an *end*, which is a row that begins another life (`c`, `d`, the
///   arrival of a row from another key), or one with all values sent, or the departure of the row to another
///   key; and no row lives now under another key with values that may have been sent before its departure from
///   this key (an *open* departure).
///
/// A delete and a departure hide older rows of their key, a load's among them. So they stay until no row of the
/// key is in the table any more, or a later row of the key ends its life; they go a run after the rows that they
/// hide. Never more than that is taken: a chain of open departures is kept whole.
///
/// @param key names of the key columns, not empty
/// @param generation the newest complete load
/// @param loadPos the position that its first rows stand at
public record SupersededRows(List<String> key, int generation, String loadPos) {
    public SupersededRows {
        key = List.copyOf(key);
        if (key.isEmpty()) {
            throw new IllegalArgumentException("Only the rows of a key are superseded");
        }
    }

    /// A SELECT that takes from the rows of raw what matters here: `op`, `pos`, `load`, `incomplete` (a value was not
    /// sent), `moved`, the key as `k0`... and the old key as `o0`...
    ///
    /// @param raw a relation with the columns of the raw table
    /// @param more SQL of further columns, with their names; may be empty
    public String extract(String raw, String more) {
        String old = LakeSession.quoted(RawColumns.OLD_KEY);
        String op = LakeSession.quoted(RawColumns.OP);
        return "SELECT %s AS op, %s AS pos, %s AS load, coalesce(len(%s), 0) > 0 AS incomplete, %s AS moved, %s, %s%s FROM %s"
                .formatted(
                        op,
                        LakeSession.quoted(RawColumns.POS),
                        LakeSession.quoted(RawColumns.LOAD),
                        LakeSession.quoted(RawColumns.UNCHANGED),
                        "coalesce(%s = 'u' AND %s AND (%s), false)"
                                .formatted(
                                        op,
                                        joined(" AND ", i -> old + "." + column(i) + " IS NOT NULL"),
                                        joined(" OR ", i -> old + "." + column(i) + " IS DISTINCT FROM " + column(i))),
                        each(i -> column(i) + " AS k" + i),
                        each(i -> old + "." + column(i) + " AS o" + i),
                        more.isEmpty() ? "" : ", " + more,
                        raw);
    }

    /// A SELECT of the rows that may go, with all columns that the extract has.
    ///
    /// @param extract a relation with all rows of the table, as [#extract] takes them
    /// @param old SQL that is true of the rows that the bound is over; no others go
    public String select(String extract, String old) {
        return """
                WITH RECURSIVE floor AS (
                  SELECT coalesce(max(pos), %1$s) AS pos FROM %2$s WHERE op = 't' AND pos > %1$s%3$s
                ),
                h AS NOT MATERIALIZED (
                  SELECT x.*, (%4$s) AS old, f.pos AS floor,
                    op IN ('c', 'u', 'd') AND x.pos > f.pos%5$s AS change,
                    op = 'r' AND load = %6$d AND f.pos = %1$s AS loaded
                  FROM %2$s x CROSS JOIN floor f
                ),
                %7$s
                SELECT h.* EXCLUDE (old, floor, change, loaded) FROM h
                LEFT JOIN bounds b ON %8$s
                LEFT JOIN alive l ON %9$s
                LEFT JOIN bounds bo ON h.moved AND %10$s
                LEFT JOIN alive lo ON h.moved AND %11$s
                WHERE h.old AND (%12$s)
                """.formatted(
                        LakeSession.literal(loadPos),
                        extract,
                        beforeNextEpoch("pos"),
                        old,
                        beforeNextEpoch("x.pos"),
                        generation,
                        ends(),
                        joined(" AND ", i -> "b.k" + i + " = h.k" + i),
                        joined(" AND ", i -> "l.k" + i + " = h.k" + i),
                        joined(" AND ", i -> "bo.k" + i + " = h.o" + i),
                        joined(" AND ", i -> "lo.k" + i + " = h.o" + i),
                        condition());
    }

    /// `bounds`: of each key, the position of its newest row that ends a life or sends all (`own`), of that or of its
    /// newest departure that is not open (`ended`), and of its newest open departure. `alive`: the keys with
    /// departures or a delete that still have rows to hide.
    private String ends() {
        return """
                moves AS MATERIALIZED (SELECT %1$s, %2$s, pos, incomplete FROM h WHERE change AND moved),
                own AS MATERIALIZED (
                  SELECT %1$s, max(pos) AS pos FROM h
                  WHERE change AND (op IN ('c', 'd') OR moved OR NOT incomplete) GROUP BY %1$s
                ),
                open AS (
                  SELECT m.* FROM moves m
                  WHERE m.incomplete
                    AND NOT EXISTS (FROM own e WHERE %3$s AND e.pos > m.pos)
                    AND NOT EXISTS (FROM moves d WHERE %4$s AND d.pos > m.pos)
                  UNION
                  SELECT m.* FROM open w JOIN moves m ON %5$s AND m.pos < w.pos AND m.incomplete
                ),
                bounds AS MATERIALIZED (
                  SELECT %1$s, max(pos) FILTER (kind = 'own') AS own, max(pos) FILTER (kind <> 'open') AS ended,
                    max(pos) FILTER (kind = 'open') AS open
                  FROM (SELECT %1$s, pos, 'own' AS kind FROM own
                    UNION ALL
                    SELECT %2$s, pos, CASE WHEN pos IN (SELECT pos FROM open) THEN 'open' ELSE 'departed' END FROM moves)
                  GROUP BY %1$s
                ),
                alive AS MATERIALIZED (
                  SELECT DISTINCT %1$s FROM h SEMI JOIN (
                    SELECT %2$s FROM moves UNION SELECT %1$s FROM h WHERE change AND op = 'd') e(%1$s)
                  USING (%1$s) WHERE loaded OR change AND op IN ('c', 'u')
                )""".formatted(
                        each(i -> "k" + i),
                        each(i -> "o" + i),
                        joined(" AND ", i -> "e.k" + i + " = m.k" + i),
                        joined(" AND ", i -> "d.o" + i + " = m.k" + i),
                        joined(" AND ", i -> "m.k" + i + " = w.o" + i));
    }

    private String condition() {
        String superseded = "h.pos < b.ended AND (b.open IS NULL OR h.pos > b.open)";
        return """
                h.op IN ('c', 'u', 'd') AND h.pos <= h.floor
                OR h.op = 't' AND h.pos < h.floor
                OR h.op = 'r' AND (h.load < %1$d OR h.load = %1$d AND h.floor > %2$s)
                OR (h.loaded OR h.change AND h.op IN ('c', 'u') AND NOT h.moved) AND %3$s
                OR h.change AND h.op = 'd' AND (l.k0 IS NULL AND h.k0 IS NOT NULL
                  OR h.pos < b.own AND (b.open IS NULL OR h.pos > b.open))
                OR h.change AND h.moved AND %3$s AND (lo.k0 IS NULL
                  OR h.pos < bo.own AND (bo.open IS NULL OR h.pos > bo.open))""".formatted(generation, LakeSession.literal(loadPos), superseded);
    }

    /// A position is epoch, hyphen, sequence, and the character after the hyphen ends the epoch. What comes in a later
    /// epoch counts with the load that follows.
    private String beforeNextEpoch(String position) {
        int end = loadPos.indexOf('-');
        return end < 0 ? "" : " AND %s < %s".formatted(position, LakeSession.literal(loadPos.substring(0, end) + '.'));
    }

    private String column(int index) {
        return LakeSession.quoted(key.get(index));
    }

    private String each(IntFunction<String> term) {
        return joined(", ", term);
    }

    private String joined(String separator, IntFunction<String> term) {
        return IntStream.range(0, key.size()).mapToObj(term).collect(Collectors.joining(separator));
    }
}
