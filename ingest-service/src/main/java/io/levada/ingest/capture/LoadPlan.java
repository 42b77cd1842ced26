package io.levada.ingest.capture;

/// The initial load of one table, as the source's positions topic keeps it.
///
/// @param table the table's lake name
/// @param generation counts the loads of the table from 1
/// @param pos `_pos` of the loaded rows: every change after it wins
/// @param written whether the files are offered to the committer; then the load is over for ingest
record LoadPlan(String table, int generation, String pos, boolean written) {
    LoadPlan offered() {
        return new LoadPlan(table, generation, pos, true);
    }

    LoadPlan again(String pos) {
        return new LoadPlan(table, generation + 1, pos, false);
    }
}
