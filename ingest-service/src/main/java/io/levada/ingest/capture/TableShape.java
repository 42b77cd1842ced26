package io.levada.ingest.capture;

import io.levada.definition.ColumnRule;
import io.levada.lake.RawSchema;
import java.util.List;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// A source table as its database describes it.
///
/// @param columns with the lake's types, in the table's order, without those that the log does not carry or a rule
///     drops
/// @param key names of the primary key's columns, in the table's order; empty where it has none
/// @param fullIdentity whether the log carries whole old rows (REPLICA IDENTITY FULL)
public record TableShape(List<Column> columns, List<String> key, boolean fullIdentity) {
    public TableShape {
        columns = List.copyOf(columns);
        key = List.copyOf(key);
    }

    /// A column.
    ///
    /// @param postgresType the base type's name, such as `numeric`; of an array the element's with `[]`
    /// @param rule what its values become before they are written, never [ColumnRule#DROP]; null where they stay
    public record Column(
            String name,
            String postgresType,
            Type type,
            @Nullable ColumnRule rule) {
        public Column(String name, String postgresType, Type type) {
            this(name, postgresType, type, null);
        }

        /// The column under a rule.
        public Column ruled(ColumnRule of) {
            return new Column(name, postgresType, Types.StringType.get(), of);
        }
    }

    public List<RawSchema.Column> lakeColumns() {
        return columns.stream()
                .map(column -> new RawSchema.Column(column.name(), column.type()))
                .toList();
    }
}
