package io.levada.ingest.capture;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The load of one table, as the source's positions topic keeps it: what is to be read in which steps, and how
/// many of them are done.
///
/// A step of PostgreSQL's tables is a range of pages, of every partition where the table has them; of other
/// databases' it is a range of keys. Steps are offered in order.
///
/// @param table the table's lake name
/// @param generation counts the loads of the table from 1
/// @param pos where the load was planned: no row has an earlier `_pos`
/// @param visible what the first step's snapshot sees, as `pg_snapshot`, or the place in the log where the load was
/// planned; null before the steps are known
/// @param layout changes where the table is written anew, so that its rows stand on other pages; or the bounds of the
/// ranges of keys
/// @param chunkPages pages of one step
/// @param chunks how many steps there are; 0 before they are known
/// @param offered how many of them are offered to the committer, from the first
/// @param written whether all are; then the load is over for ingest
public record LoadPlan(
        String table,
        int generation,
        String pos,
        @Nullable String visible,
        @Nullable String layout,
        long chunkPages,
        int chunks,
        int offered,
        boolean written) {
    /// A load whose steps are not known yet.
    public static LoadPlan wanted(String table, int generation, String pos) {
        return new LoadPlan(table, generation, pos, null, null, 0, 0, 0, false);
    }

    /// The same load with steps.
    public LoadPlan inSteps(String pos, String visible, String layout, long chunkPages, int chunks) {
        return new LoadPlan(table, generation, pos, visible, layout, chunkPages, chunks, 0, false);
    }

    /// The plan after the next `steps` steps.
    public LoadPlan offered(int steps) {
        return new LoadPlan(
                table,
                generation,
                pos,
                visible,
                layout,
                chunkPages,
                chunks,
                offered + steps,
                offered + steps >= chunks);
    }

    /// Another load of the table, from the beginning.
    public LoadPlan again() {
        return wanted(table, generation + 1, pos);
    }

    /// What follows SELECT's list to read a step, in one query or two.
    ///
    /// Where steps before this session's were read from an older snapshot, the last step also reads what was
    /// written since then to their pages: a row that was on a page not read yet may have moved to one of them.
    ///
    /// @param from the quoted table
    /// @param resumedAt how many steps older snapshots have read
    /// @param nextTransaction of this session's snapshot
    public List<String> queries(String from, int chunk, int resumedAt, long nextTransaction) {
        List<String> queries = new ArrayList<>();
        boolean last = chunk == chunks - 1;
        List<String> range = new ArrayList<>();
        if (chunk > 0) {
            range.add("ctid >= " + page(chunk * chunkPages));
        }
        if (!last) {
            range.add("ctid < " + page((chunk + 1) * chunkPages));
        }
        queries.add("FROM " + from + (range.isEmpty() ? "" : " WHERE " + String.join(" AND ", range)));
        if (last && resumedAt > 0) {
            queries.add("FROM " + from + " WHERE ctid < " + page(resumedAt * chunkPages)
                    + " AND NOT pg_visible_in_snapshot(greatest(3, " + nextTransaction + " - ((" + nextTransaction
                    + " - xmin::text::bigint) & 4294967295))::text::xid8, '" + visible + "'::pg_snapshot)");
        }
        return queries;
    }

    private static String page(long page) {
        return "'(" + page + ",0)'::tid";
    }
}
