package io.levada.sql;

import org.jspecify.annotations.Nullable;

/// A part of a table's snapshots, newest first.
///
/// @param limit how many at most
/// @param before only snapshots older than this one; null begins at the newest
public record HistoryPage(int limit, @Nullable Long before) {
    public static final int MOST = 1_000;

    /// The newest hundred.
    public static final HistoryPage FIRST = new HistoryPage(100, null);

    public HistoryPage {
        if (limit < 1 || limit > MOST) {
            throw new QueryException(SqlError.REQUEST, "limit is between 1 and " + MOST + ", not " + limit);
        }
    }
}
