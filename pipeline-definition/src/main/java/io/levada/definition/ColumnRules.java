package io.levada.definition;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The rules of one table's columns.
///
/// @param byColumn names as the database spells them
/// @param hashKey of [ColumnRule#HASH]; null where no column of the source is hashed
public record ColumnRules(
        Map<String, ColumnRule> byColumn, @Nullable Secret hashKey) {
    /// Every column as it is.
    public static final ColumnRules NONE = new ColumnRules(Map.of(), null);

    public ColumnRules {
        byColumn = Map.copyOf(byColumn);
        if (hashKey == null && byColumn.containsValue(ColumnRule.HASH)) {
            throw new IllegalArgumentException("Columns are hashed without a key");
        }
    }
}
