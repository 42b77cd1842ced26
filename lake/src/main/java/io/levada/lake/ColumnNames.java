package io.levada.lake;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;

/// The engines that read the lake do not tell columns apart by upper and lower case, but Iceberg does: a table with two
/// such columns could be written, and never read.
final class ColumnNames {
    private ColumnNames() {}

    /// @param wanted the columns that a table is to have
    /// @param existing the table as it is
    /// @throws IllegalArgumentException where two of them would differ in upper and lower case only
    static void requireDistinct(TableSpec wanted, Optional<Table> existing) {
        requireDistinct(wanted.name(), existing.map(Table::schema).orElseGet(Schema::new), wanted.schema());
    }

    private static void requireDistinct(String table, Schema existing, Schema wanted) {
        Map<String, String> names = new HashMap<>();
        existing.columns().forEach(field -> names.put(folded(field.name()), field.name()));
        for (Types.NestedField field : wanted.columns()) {
            String other = names.putIfAbsent(folded(field.name()), field.name());
            if (other != null && !other.equals(field.name()) && existing.findField(field.name()) == null) {
                throw new IllegalArgumentException("Columns " + other + " and " + field.name() + " of " + table
                        + " would differ in upper and lower case only, and engines could not tell them apart; rename one,"
                        + " or give the table another name in the lake with `as:`");
            }
        }
    }

    private static String folded(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
