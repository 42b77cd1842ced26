package io.levada.ingest.postgres;

import io.levada.definition.SourceTable;
import io.levada.ingest.capture.SourceLog;
import io.levada.ingest.capture.TableForm;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Reads the forms of tables from a server's catalog.
///
/// A partition that was made as one is told from one that was attached by the catalog rows of its columns: attaching
/// writes them once more, later than the table was made.
public final class TableForms {
    private static final String QUERY = """
            WITH roots AS (
              SELECT n.name, to_regclass(n.name)::oid AS oid FROM unnest(?::text[]) AS n(name)
            ), parts AS (
              SELECT r.name, c.oid FROM roots r JOIN pg_catalog.pg_class c ON c.oid = r.oid AND c.relkind = 'r'
              UNION
              SELECT r.name, t.relid FROM roots r, pg_catalog.pg_partition_tree(r.oid) t WHERE t.isleaf
            )
            SELECT p.name, c.oid::text, c.relfilenode::text, a.attnum,
              CASE WHEN a.atthasmissing THEN pg_catalog.md5(a.attmissingval::text) END,
              CASE WHEN a.atttypid = ANY (t.types) THEN a.atttypid::regtype::text END,
              c.relispartition AND NOT EXISTS (
                SELECT FROM pg_catalog.pg_attribute u JOIN pg_catalog.pg_attribute s
                  ON s.attrelid = u.attrelid AND s.attname = 'tableoid'
                WHERE u.attrelid = c.oid AND u.attnum > 0 AND NOT (u.xmin = s.xmin AND u.cmin = s.cmin))
            FROM parts p JOIN pg_catalog.pg_class c ON c.oid = p.oid AND c.relkind = 'r'
            CROSS JOIN (SELECT ARRAY['timestamp', 'timestamptz', 'timestamp[]', 'timestamptz[]']::regtype[]) t(types)
            LEFT JOIN pg_catalog.pg_attribute a
              ON a.attrelid = c.oid AND a.attnum > 0 AND (a.atthasmissing OR a.atttypid = ANY (t.types))
                AND NOT a.attisdropped""";

    private TableForms() {}

    /// The forms by lake name. A table that is not there has no parts.
    static Map<String, TableForm> of(Connection connection, Collection<SourceTable> tables) throws SQLException {
        Map<String, Map<String, TableForm.Part>> parts = new HashMap<>();
        tables.forEach(table -> parts.put(PostgresServer.quotedName(table), new HashMap<>()));
        try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
            statement.setArray(
                    1, connection.createArrayOf("text", parts.keySet().toArray()));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    parts.computeIfAbsent(rows.getString(1), _ -> new HashMap<>())
                            .merge(
                                    rows.getString(2),
                                    new TableForm.Part(
                                            rows.getString(3),
                                            ofColumn(rows, 5),
                                            ofColumn(rows, 6),
                                            rows.getBoolean(7)),
                                    TableForms::merged);
                }
            }
        }
        return tables.stream()
                .collect(Collectors.toMap(
                        SourceTable::lakeName,
                        table -> new TableForm(
                                table.lakeName(), parts.getOrDefault(PostgresServer.quotedName(table), Map.of()))));
    }

    private static TableForm.Part merged(TableForm.Part one, TableForm.Part other) {
        return new TableForm.Part(
                one.storage(),
                merged(one.defaults(), other.defaults()),
                merged(one.timestamps(), other.timestamps()),
                one.madeEmpty());
    }

    private static Map<String, String> merged(Map<String, String> one, Map<String, String> other) {
        Map<String, String> both = new HashMap<>(one);
        both.putAll(other);
        return both;
    }

    /// What a row says of its column; empty where it says nothing.
    private static Map<String, String> ofColumn(ResultSet row, int index) throws SQLException {
        String said = row.getString(index);
        return said == null ? Map.of() : Map.of(row.getString(4), said);
    }

    /// Remembers how tables look that are about to be read, before they are: what happens to them from here on is
    /// noticed.
    static void note(Collection<SourceTable> tables, PostgresServer server, SourceLog log) throws SQLException {
        List<SourceTable> unknown = tables.stream()
                .filter(table -> log.form(table.lakeName()).isEmpty() || log.reloadWanted(table.lakeName()))
                .toList();
        if (!unknown.isEmpty()) {
            try (Connection connection = server.connect()) {
                log.storeForms(of(connection, unknown).values());
            }
        }
    }
}
