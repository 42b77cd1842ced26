package io.levada.catalog.erasure;

import io.levada.lake.LakeCatalog;
import io.levada.sql.LakeSession;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;

/// The rows of `raw.quarantine` that were meant for a table and are of a key. Those of databases are JSON objects of
/// values as text, and are found by them; of others it is only told how many there are.
final class QuarantinedRows {
    private static final String NAME = "raw.quarantine";

    /// The row as text; null where its bytes are none.
    private static final String TEXT = "try(decode(raw))";

    private static final String IS_JSON = "coalesce(json_valid(" + TEXT + "), false)";

    private final Catalog catalog;
    private final TableReader reader;

    QuarantinedRows(Catalog catalog, TableReader reader) {
        this.catalog = catalog;
        this.reader = reader;
    }

    /// @param table as it was loaded
    /// @param files true of all files that may hold some
    /// @param rows an SQL predicate, true of them
    record Selection(BaseTable table, Expression files, String rows) {}

    /// Empty where there is no such table yet.
    Optional<Selection> of(String table, ErasureKey key) {
        return load().map(quarantine -> new Selection(
                quarantine, Expressions.equal("table_name", table), meantFor(table) + " AND " + values(key)));
    }

    private static String meantFor(String table) {
        return "table_name = " + LakeSession.literal(table);
    }

    /// Rows that are no JSON have none of the values.
    private static String values(ErasureKey key) {
        return key.values().entrySet().stream()
                .map((Map.Entry<String, String> value) ->
                        "CASE WHEN %1$s THEN json_extract_string(%2$s, %3$s) = %4$s END"
                                .formatted(
                                        IS_JSON,
                                        TEXT,
                                        LakeSession.literal(
                                                "$.\"" + value.getKey().replace("\"", "\\\"") + "\""),
                                        LakeSession.literal(value.getValue())))
                .collect(Collectors.joining(" AND ", "(", ")"));
    }

    /// What is to be said of rows that can not be found by their values.
    List<String> notes(String table) {
        Optional<BaseTable> quarantine = load();
        if (quarantine.isEmpty()) {
            return List.of();
        }
        long others = reader.count(
                quarantine.get(),
                NAME,
                TableReader.files(quarantine.get(), NAME, Expressions.equal("table_name", table)),
                meantFor(table) + " AND NOT " + IS_JSON);
        return others == 0
                ? List.of()
                : List.of("%d rows of %s in %s are no JSON and were not searched for the key: look at them"
                        .formatted(others, table, NAME));
    }

    private Optional<BaseTable> load() {
        try {
            BaseTable table = (BaseTable) catalog.loadTable(LakeCatalog.identifier(NAME));
            return table.currentSnapshot() == null ? Optional.empty() : Optional.of(table);
        } catch (NoSuchTableException _) {
            return Optional.empty();
        }
    }
}
