package io.levada.transform.mirror;

import io.levada.events.RawColumns;
import io.levada.sql.LakeSession;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// DuckDB SQL that computes the current rows of a source table from its raw table.
///
/// What counts: the rows of one load generation (`_op = 'r'`) as they stood at `loadPos`, then every change after it. A
/// truncate voids everything up to its position. Changes of a later epoch than the load's do not count: log was lost
/// before them. The newest entry of each key wins; a change of key deletes the old key
/// and upserts the new one. A value that the source did not send is the last one sent in the row's life, which a change
/// of key carries on under another key and a delete ends.
///
/// Two statements: [#probe] finds the floor and the columns with values not sent; [#select] computes the rows. Where no
/// value is missing, `select` is one aggregation over the changes' keys, a semi join and an anti join.
///
/// A load's rows are the state after the change at their own `_pos`. Those of a load that was resumed stand at
/// several, and some rows may have been read twice; then the newest counts. `_pos` is unique among changes. Names
/// of CTEs here are never names of tables, as those have a namespace.
///
/// @param raw the raw table as SQL names it
/// @param columns the source's columns, in order
/// @param key names of the key columns, not empty
/// @param generation the load generation that counts
/// @param loadPos the position that the generation's first rows stand at
/// @param lastPos the position that its last rows stand at
public record MirrorSql(
        String raw, List<String> columns, List<String> key, int generation, String loadPos, String lastPos) {
    private static final String OP = LakeSession.quoted(RawColumns.OP);
    private static final String POS = LakeSession.quoted(RawColumns.POS);
    private static final String UNCHANGED = LakeSession.quoted(RawColumns.UNCHANGED);

    public MirrorSql {
        columns = List.copyOf(columns);
        key = List.copyOf(key);
        if (key.isEmpty() || !columns.containsAll(key)) {
            throw new IllegalArgumentException("Key " + key + " of " + raw + " is not among its columns " + columns);
        }
    }

    /// A statement that yields one row: `floor` (VARCHAR), the position up to which nothing but the load counts, and
    /// `unchanged` (VARCHAR[]), the names of columns with values that were not sent; null where there are none.
    public String probe() {
        return """
                WITH floor AS (
                  SELECT coalesce(max(%1$s), %2$s) AS pos FROM %3$s WHERE %4$s = 't' AND %1$s > %2$s%6$s
                )
                SELECT (SELECT pos FROM floor) AS floor,
                  (SELECT list(DISTINCT name) FROM (
                     SELECT unnest(%5$s) AS name FROM %3$s
                     WHERE %4$s IN ('c', 'u') AND %1$s > (SELECT pos FROM floor)%6$s)) AS unchanged
                """.formatted(POS, LakeSession.literal(loadPos), raw, OP, UNCHANGED, beforeNextEpoch(POS));
    }

    /// A SELECT that yields the current rows, columns in order.
    ///
    /// @param floor from [#probe]
    /// @param unchanged from [#probe]; names that are no column of the source are ignored
    public String select(String floor, Collection<String> unchanged) {
        List<String> missing = columns.stream().filter(unchanged::contains).toList();
        String current = "%s\nUNION ALL\n%s".formatted(changedRows(floor, !missing.isEmpty()), loadedRows(floor));
        if (missing.isEmpty()) {
            return "WITH %s\n%s".formatted(newest(floor), current);
        }
        return "WITH RECURSIVE %s,\n%s\n%s\nUNION ALL\n%s"
                .formatted(newest(floor), lives(floor, missing), current, completedRows(floor, missing));
    }

    private String newest(String floor) {
        return """
                changes AS NOT MATERIALIZED (
                  SELECT %s, h.%s AS pos, h.%s AS op, %s AS moved, %s, h.%s AS unchanged
                  FROM %s h WHERE %s
                ),
                moves AS MATERIALIZED (SELECT %s, %s, pos FROM changes WHERE moved),
                newest AS MATERIALIZED (
                  SELECT %s, max(pos) AS pos, arg_max(dead, pos) AS dead FROM (
                    SELECT %s, pos, op = 'd' AS dead FROM changes
                    UNION ALL SELECT %s, pos, true FROM moves)
                  GROUP BY %s
                )""".formatted(
                        each(i -> "h." + column(i) + " AS k" + i),
                        POS,
                        OP,
                        moved(),
                        each(i -> oldKey(i) + " AS o" + i),
                        UNCHANGED,
                        raw,
                        isChange("h", floor),
                        each(i -> "k" + i),
                        each(i -> "o" + i),
                        each(i -> "k" + i),
                        each(i -> "k" + i),
                        each(i -> "o" + i),
                        each(i -> "k" + i));
    }

    private String moved() {
        return "(h.%s = 'u' AND %s AND (%s))"
                .formatted(
                        OP,
                        joined(" AND ", i -> oldKey(i) + " IS NOT NULL"),
                        joined(" OR ", i -> oldKey(i) + " IS DISTINCT FROM h." + column(i)));
    }

    private String changedRows(String floor, boolean onlyComplete) {
        return """
                SELECT %s FROM %s h SEMI JOIN newest n ON %s AND h.%s = n.pos AND NOT n.dead
                WHERE h.%s IN ('c', 'u') AND h.%s > %s%s%s""".formatted(
                        selected(),
                        raw,
                        joined(" AND ", i -> "h." + column(i) + " = n.k" + i),
                        POS,
                        OP,
                        POS,
                        LakeSession.literal(floor),
                        beforeNextEpoch("h." + POS),
                        onlyComplete ? " AND coalesce(len(h." + UNCHANGED + "), 0) = 0" : "");
    }

    private String loadedRows(String floor) {
        return "SELECT %s FROM %s h ANTI JOIN newest n ON %s WHERE %s%s"
                .formatted(
                        selected(),
                        raw,
                        joined(" AND ", i -> "h." + column(i) + " = n.k" + i),
                        isLoaded("h", floor),
                        lastPos.equals(loadPos)
                                ? ""
                                : " QUALIFY row_number() OVER (PARTITION BY " + each(i -> "h." + column(i))
                                        + " ORDER BY h." + POS + " DESC) = 1");
    }

    /// The lives of the keys whose newest row lacks values, back through changes of key, and in `found` the entry
    /// of the history that each missing value was last sent in.
    ///
    /// Recursion goes from life to life, not from entry to entry, so its depth is the number of key changes.
    private String lives(String floor, List<String> missing) {
        return """
                names AS (SELECT unnest([%1$s]) AS name),
                pending AS MATERIALIZED (
                  SELECT %2$s, c.pos, c.unchanged FROM changes c
                  SEMI JOIN newest n ON %3$s AND c.pos = n.pos AND NOT n.dead WHERE len(c.unchanged) > 0
                ),
                touched AS (
                  SELECT %4$s FROM pending
                  UNION SELECT %5$s FROM touched t JOIN moves m ON %6$s
                ),
                entries AS (
                  SELECT %2$s, c.pos, c.op = 'c' OR c.op = 'd' OR c.moved AS starts, c.moved, c.op = 'd' AS dead,
                    false AS departed, c.unchanged
                  FROM changes c SEMI JOIN touched t ON %7$s
                  UNION ALL
                  SELECT DISTINCT %8$s, %9$s, false, false, false, false, NULL::VARCHAR[]
                  FROM %10$s h SEMI JOIN touched t ON %11$s WHERE %12$s
                  UNION ALL
                  SELECT %5$s, m.pos, true, false, true, true, NULL FROM moves m SEMI JOIN touched t ON %13$s
                ),
                numbered AS MATERIALIZED (
                  SELECT *, count(*) FILTER (WHERE starts) OVER (PARTITION BY %4$s ORDER BY pos) AS life FROM entries
                ),
                sent AS MATERIALIZED (
                  SELECT %4$s, life, name, max(pos) AS pos FROM numbered CROSS JOIN names
                  WHERE NOT dead AND NOT coalesce(list_contains(unchanged, name), false) GROUP BY ALL
                ),
                arrivals AS MATERIALIZED (
                  SELECT %14$s, a.life, %5$s, d.life - 1 AS before FROM moves m
                  JOIN numbered a ON a.moved AND a.pos = m.pos AND %15$s
                  JOIN numbered d ON d.departed AND d.pos = m.pos AND %16$s
                ),
                walk AS (
                  SELECT %17$s, p.pos, names.name, %18$s, a.life, 0 AS depth, s.pos AS sent_at FROM pending p
                  JOIN names ON list_contains(p.unchanged, names.name)
                  JOIN numbered a ON NOT a.dead AND a.pos = p.pos AND %19$s
                  LEFT JOIN sent s ON s.name = names.name AND s.life = a.life AND %20$s
                  UNION ALL
                  SELECT %21$s, w.pos, w.name, %22$s, m.before, w.depth + 1, s.pos FROM walk w
                  JOIN arrivals m ON m.life = w.life AND %23$s
                  LEFT JOIN sent s ON s.name = w.name AND s.life = m.before AND %24$s
                  WHERE w.sent_at IS NULL
                ),
                %25$s""".formatted(
                        missing.stream().map(LakeSession::literal).collect(Collectors.joining(", ")),
                        each(i -> "c.k" + i),
                        joined(" AND ", i -> "c.k" + i + " = n.k" + i),
                        each(i -> "k" + i),
                        each(i -> "m.o" + i),
                        joined(" AND ", i -> "m.k" + i + " = t.k" + i),
                        joined(" AND ", i -> "c.k" + i + " = t.k" + i),
                        each(i -> "h." + column(i)),
                        loadedAt("h"),
                        raw,
                        joined(" AND ", i -> "h." + column(i) + " = t.k" + i),
                        isLoaded("h", floor),
                        joined(" AND ", i -> "m.o" + i + " = t.k" + i),
                        each(i -> "m.k" + i),
                        joined(" AND ", i -> "a.k" + i + " = m.k" + i),
                        joined(" AND ", i -> "d.k" + i + " = m.o" + i),
                        each(i -> "p.k" + i),
                        each(i -> "p.k" + i + " AS at" + i),
                        joined(" AND ", i -> "a.k" + i + " = p.k" + i),
                        joined(" AND ", i -> "s.k" + i + " = a.k" + i),
                        each(i -> "w.k" + i),
                        each(i -> "m.o" + i),
                        joined(" AND ", i -> "m.k" + i + " = w.at" + i),
                        joined(" AND ", i -> "s.k" + i + " = m.o" + i),
                        found(floor, missing));
    }

    /// The rows of the history that hold the values found.
    private String found(String floor, List<String> missing) {
        return """
                found AS MATERIALIZED (
                  SELECT %1$s, pos, name, %2$s, sent_at FROM walk WHERE sent_at IS NOT NULL
                ),
                origins AS MATERIALIZED (
                  SELECT DISTINCT ON (ALL_KEYS, pos) %3$s, %5$s AS pos, %4$s FROM %6$s h
                  SEMI JOIN found f ON f.sent_at = %5$s AND %9$s
                  WHERE (%7$s) OR (%8$s)
                )""".replace("ALL_KEYS", each(i -> "k" + i)).formatted(
                each(i -> "k" + i),
                each(i -> "at" + i),
                each(i -> "h." + column(i) + " AS k" + i),
                IntStream.range(0, missing.size())
                        .mapToObj(i -> "h." + LakeSession.quoted(missing.get(i)) + " AS v" + i)
                        .collect(Collectors.joining(", ")),
                "CASE WHEN h.%s = 'r' THEN %s ELSE h.%s END".formatted(OP, loadedAt("h"), POS),
                raw,
                isChange("h", floor),
                isLoaded("h", floor),
                joined(" AND ", i -> "h." + column(i) + " = f.at" + i));
    }

    /// A loaded row's place among the changes: after the change at its position, which it holds.
    private static String loadedAt(String alias) {
        return alias + "." + POS + " || 'r'";
    }

    private String completedRows(String floor, List<String> missing) {
        List<String> selected = new ArrayList<>();
        for (String name : columns) {
            int index = missing.indexOf(name);
            String column = "h." + LakeSession.quoted(name);
            selected.add(
                    index < 0
                            ? column
                            : "CASE WHEN list_contains(h.%s, %s) THEN v%d.v%d ELSE %s END AS %s"
                                    .formatted(
                                            UNCHANGED,
                                            LakeSession.literal(name),
                                            index,
                                            index,
                                            column,
                                            LakeSession.quoted(name)));
        }
        String joins = IntStream.range(0, missing.size())
                .mapToObj(index -> """
                        LEFT JOIN (SELECT %1$s, f.pos, g.v%2$d FROM found f
                          JOIN origins g ON g.pos = f.sent_at AND %3$s WHERE f.name = %4$s) v%2$d
                          ON v%2$d.pos = h.%5$s AND %6$s
                        """.formatted(
                                each(i -> "f.k" + i),
                                index,
                                joined(" AND ", i -> "g.k" + i + " = f.at" + i),
                                LakeSession.literal(missing.get(index)),
                                POS,
                                joined(" AND ", i -> "v" + index + ".k" + i + " = h." + column(i))))
                .collect(Collectors.joining());
        return "SELECT %s FROM (SELECT h.* FROM %s h SEMI JOIN pending p ON p.pos = h.%s AND %s WHERE %s) h\n%s"
                .formatted(
                        String.join(", ", selected),
                        raw,
                        POS,
                        joined(" AND ", i -> "p.k" + i + " = h." + column(i)),
                        isChange("h", floor),
                        joins);
    }

    private String isChange(String alias, String floor) {
        return "%1$s.%2$s IN ('c', 'u', 'd') AND %1$s.%3$s > %4$s%5$s"
                .formatted(alias, OP, POS, LakeSession.literal(floor), beforeNextEpoch(alias + "." + POS));
    }

    /// A repair of the source raises the epoch, since changes before it were lost: what comes after counts only with
    /// the load that the repair asks for. A position is epoch, hyphen, sequence, and the character after the hyphen
    /// ends the epoch.
    private String beforeNextEpoch(String position) {
        int end = loadPos.indexOf('-');
        return end < 0 ? "" : " AND %s < %s".formatted(position, LakeSession.literal(loadPos.substring(0, end) + '.'));
    }

    private String isLoaded(String alias, String floor) {
        return floor.equals(loadPos)
                ? "%1$s.%2$s = 'r' AND %1$s.%3$s = %4$d"
                        .formatted(alias, OP, LakeSession.quoted(RawColumns.LOAD), generation)
                : "false";
    }

    private String selected() {
        return columns.stream().map(name -> "h." + LakeSession.quoted(name)).collect(Collectors.joining(", "));
    }

    private String column(int index) {
        return LakeSession.quoted(key.get(index));
    }

    private String oldKey(int index) {
        return "h." + LakeSession.quoted(RawColumns.OLD_KEY) + "." + column(index);
    }

    private String each(IntFunction<String> term) {
        return joined(", ", term);
    }

    private String joined(String separator, IntFunction<String> term) {
        return IntStream.range(0, key.size()).mapToObj(term).collect(Collectors.joining(separator));
    }
}
