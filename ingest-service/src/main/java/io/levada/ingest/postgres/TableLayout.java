package io.levada.ingest.postgres;

import io.levada.definition.SourceTable;
import io.levada.ingest.capture.LoadPlan;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/// Where a table's rows stand, with its partitions' where it has them.
///
/// @param bytes of all, with values that are stored apart
/// @param rows as the server estimates them; 0 where it has never counted
/// @param pages of the largest partition, or of the table
/// @param asSeen names the files that the transaction's snapshot sees
/// @param now names the files that would be read now; another value where the table was truncated or rewritten
///     since the snapshot, whose rows can not be read any more then
record TableLayout(long bytes, long rows, long pages, String asSeen, String now) {
    private static final int MOST_CHUNKS = 1_000;
    private static final int FIRST_VERSION_WITH_RANGE_SCANS = 14;

    static TableLayout of(Connection connection, SourceTable table) throws SQLException {
        String name = "'" + PostgresServer.quotedName(table).replace("'", "''") + "'::regclass";
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        SELECT coalesce(sum(pg_table_size(c.oid)), 0),
                          coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint,
                          coalesce(max(pg_relation_size(c.oid)), 0) / current_setting('block_size')::bigint,
                          md5(coalesce(string_agg(c.oid || ':' || c.relfilenode, ',' ORDER BY c.oid), '')),
                          md5(coalesce(string_agg(c.oid || ':' || pg_relation_filenode(c.oid), ',' ORDER BY c.oid), ''))
                        FROM pg_class c WHERE c.relkind = 'r'
                          AND (c.oid = %1$s OR c.oid IN (SELECT relid FROM pg_partition_tree(%1$s)))
                        """.formatted(name))) {
            row.next();
            return new TableLayout(row.getLong(1), row.getLong(2), row.getLong(3), row.getString(4), row.getString(5));
        }
    }

    boolean isReadable() {
        return asSeen.equals(now);
    }

    /// Cuts the table into steps of a load.
    LoadPlan plan(LoadPlan wanted, LoadSession session, long chunkBytes, int serverVersion) {
        boolean cut = serverVersion >= FIRST_VERSION_WITH_RANGE_SCANS;
        long wished = cut ? Math.clamp(Math.ceilDiv(bytes, chunkBytes), 1, MOST_CHUNKS) : 1;
        long chunkPages = Math.max(1, Math.ceilDiv(pages, wished));
        int chunks = cut ? (int) Math.max(1, Math.ceilDiv(pages, chunkPages)) : 1;
        return wanted.inSteps(session.pos(), session.snapshot().visible(), now, chunkPages, chunks);
    }
}
