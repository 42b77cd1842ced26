package io.levada.catalog.erasure;

import io.levada.catalog.CatalogError;
import io.levada.catalog.maintenance.MaintenanceException;
import io.levada.events.RawColumns;
import io.levada.sql.LakeSession;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;

/// Which rows of a raw table are to go with a key: all that ever had it, and where a row came to it from another key or
/// left it for another one, that row's life under the other key too. What the other key stood for before or after that
/// life is somebody else's and stays.
///
/// @param files true of all files that may hold some
/// @param rows an SQL predicate, true of them
/// @param keys how many keys were followed, the one asked for among them
/// @param alive whether the newest row of the key, as far as the table goes, is not that of a delete; null where the
/// table
///     has no row of the key
record ErasedRows(
        Expression files, String rows, int keys, @Nullable Boolean alive) {
    /// A row that changes its key more often is nobody's.
    private static final int MOST_KEYS = 1_000;

    private static final String POS = LakeSession.quoted(RawColumns.POS);
    private static final String OP = LakeSession.quoted(RawColumns.OP);

    static ErasedRows of(BaseTable table, String name, ErasureKey key, TableReader reader) {
        Schema schema = table.schema();
        if (schema.findField(RawColumns.OLD_KEY) == null) {
            return new ErasedRows(key.files(schema), key.rows(schema, ""), 1, true);
        }
        return new Search(table, name, reader).of(key);
    }

    /// What happens to a key where a life under it begins or ends.
    private enum Kind {
        CREATED,
        DELETED,
        /// A row came from another key.
        ARRIVED,
        /// A row left for another key.
        DEPARTED,
        /// No beginning and no end: the newest row of the key.
        NEWEST;

        boolean begins() {
            return this == CREATED || this == ARRIVED;
        }

        boolean ends() {
            return this == DELETED || this == DEPARTED;
        }
    }

    /// @param other the other key's values, where there is one
    private record Entry(String pos, Kind kind, List<String> other) {}

    /// A life under a key that is to be followed from a position on.
    private record Step(ErasureKey key, String pos, boolean backwards) {}

    private static final class Search {
        private final BaseTable table;
        private final Schema schema;
        private final String name;
        private final TableReader reader;
        private final Deque<Step> open = new ArrayDeque<>();
        private final Set<Step> seen = new HashSet<>();
        private final Set<String> conditions = new LinkedHashSet<>();
        private final Set<ErasureKey> keys = new LinkedHashSet<>();

        Search(BaseTable table, String name, TableReader reader) {
            this.table = table;
            this.schema = table.schema();
            this.name = name;
            this.reader = reader;
        }

        ErasedRows of(ErasureKey key) {
            List<Entry> own = timeline(key);
            keys.add(key);
            conditions.add(key.rows(schema, ""));
            own.forEach(entry -> follow(key, entry));
            while (!open.isEmpty()) {
                Step step = open.pop();
                keys.add(step.key());
                if (keys.size() > MOST_KEYS) {
                    throw new MaintenanceException(
                            CatalogError.ERASURE_KEY,
                            "The rows of the key of " + name + " had more than " + MOST_KEYS + " other keys",
                            null);
                }
                List<Entry> entries = timeline(step.key());
                if (step.backwards()) {
                    before(step, entries);
                } else {
                    after(step, entries);
                }
            }
            Expression files = keys.stream()
                    .map(one -> one.files(schema))
                    .reduce(Expressions::or)
                    .orElseThrow();
            return new ErasedRows(files, String.join(" OR ", conditions), keys.size(), isAlive(own));
        }

        private void follow(ErasureKey key, Entry entry) {
            if (entry.kind() == Kind.ARRIVED || entry.kind() == Kind.DEPARTED) {
                Step step = new Step(key.with(entry.other()), entry.pos(), entry.kind() == Kind.ARRIVED);
                if (seen.add(step)) {
                    open.push(step);
                }
            }
        }

        /// The life that a row left at a position.
        private void before(Step step, List<Entry> entries) {
            Entry begin = null;
            for (Entry entry : entries) {
                if (entry.pos().compareTo(step.pos()) < 0
                        && (entry.kind().begins() || entry.kind().ends())) {
                    begin = entry;
                }
            }
            if (begin != null && begin.kind() == Kind.ARRIVED) {
                follow(step.key(), begin);
            }
            String from = begin == null ? "" : from(begin.pos(), begin.kind().begins());
            conditions.add(condition(step.key(), from + " AND " + POS + " < " + LakeSession.literal(step.pos())));
        }

        /// The life that a row began at a position.
        private void after(Step step, List<Entry> entries) {
            Entry end = null;
            for (Entry entry : entries) {
                if (end == null
                        && entry.pos().compareTo(step.pos()) > 0
                        && (entry.kind().begins() || entry.kind().ends())) {
                    end = entry;
                }
            }
            if (end != null && end.kind() == Kind.DEPARTED) {
                follow(step.key(), end);
            }
            String to = end == null
                    ? ""
                    : " AND " + POS + (end.kind() == Kind.DELETED ? " <= " : " < ") + LakeSession.literal(end.pos());
            conditions.add(condition(step.key(), from(step.pos(), true) + to));
        }

        private String condition(ErasureKey key, String positions) {
            return "(" + key.rows(schema, "") + positions + ")";
        }

        private static String from(String pos, boolean inclusive) {
            return " AND " + POS + (inclusive ? " >= " : " > ") + LakeSession.literal(pos);
        }

        private static @Nullable Boolean isAlive(List<Entry> entries) {
            String ended = "";
            String newest = "";
            for (Entry entry : entries) {
                if (entry.kind().ends()) {
                    ended = entry.pos();
                }
                if (entry.kind() == Kind.NEWEST) {
                    newest = entry.pos();
                }
            }
            return newest.isEmpty() && ended.isEmpty() ? null : Boolean.valueOf(newest.compareTo(ended) > 0);
        }

        /// Where lives under a key begin and end, by position.
        private List<Entry> timeline(ErasureKey key) {
            List<DataFile> files = TableReader.files(table, name, key.filesTouching(schema));
            List<Entry> entries = new ArrayList<>();
            if (files.isEmpty()) {
                return entries;
            }
            String old = LakeSession.quoted(RawColumns.OLD_KEY) + ".";
            String sql = """
                    WITH h AS (
                      SELECT *, %1$s AS own, %2$s = 'u' AND (%3$s) AND (%4$s) AS moved, %5$s AS was FROM %6$s)
                    SELECT * FROM (
                      SELECT %7$s AS pos, CASE
                          WHEN moved THEN CASE WHEN own THEN 'ARRIVED' WHEN was THEN 'DEPARTED' END
                          WHEN own AND %2$s = 'c' THEN 'CREATED'
                          WHEN own AND %2$s = 'd' THEN 'DELETED' END AS kind,
                        CASE WHEN own THEN [%8$s] ELSE [%9$s] END AS other FROM h
                      UNION ALL SELECT max(%7$s), 'NEWEST', NULL FROM h WHERE own)
                    WHERE kind IS NOT NULL AND pos IS NOT NULL ORDER BY pos, kind
                    """.formatted(
                            key.rows(schema, ""),
                            OP,
                            each(key, " AND ", column -> old + column + " IS NOT NULL"),
                            each(key, " OR ", column -> old + column + " IS DISTINCT FROM " + column),
                            key.rows(schema, old),
                            LakeSession.quotedTable(name),
                            POS,
                            each(key, ", ", column -> "CAST(" + old + column + " AS VARCHAR)"),
                            each(key, ", ", column -> "CAST(" + column + " AS VARCHAR)"));
            reader.query(
                    table,
                    name,
                    files,
                    sql,
                    row -> entries.add(
                            new Entry(row.getString(1), Kind.valueOf(row.getString(2)), texts((java.sql.Array)
                                    row.getObject(3)))));
            return entries;
        }

        private static List<String> texts(java.sql.@Nullable Array values) throws java.sql.SQLException {
            return values == null
                    ? List.of()
                    : Arrays.stream((Object[]) values.getArray())
                            .map(String::valueOf)
                            .toList();
        }

        private static String each(ErasureKey key, String separator, java.util.function.UnaryOperator<String> term) {
            return key.values().keySet().stream()
                    .map(LakeSession::quoted)
                    .map(term)
                    .collect(Collectors.joining(separator));
        }
    }
}
