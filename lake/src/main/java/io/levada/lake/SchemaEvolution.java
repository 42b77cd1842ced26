package io.levada.lake;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;

/// Lets a table follow the columns of its source, whatever their types become; nothing that it holds is lost.
///
/// A column whose type became one that it can not be promoted to keeps what it held under the name
/// `column_was_type`, and a new column takes its name. Where an earlier type comes back, so does its column. Columns
/// keep their field ids meanwhile, so a file says the same under either name.
public final class SchemaEvolution {
    private SchemaEvolution() {}

    /// Gives the table at least these columns, with at least these types.
    ///
    /// @return the table, refreshed
    public static Table follow(Table table, Schema wanted) {
        Map<String, String> renames = new LinkedHashMap<>();
        collectRenames("", table.schema().asStruct(), wanted.asStruct(), renames);
        Transaction transaction = table.newTransaction();
        if (!renames.isEmpty()) {
            UpdateSchema rename = transaction.updateSchema();
            renames.forEach(rename::renameColumn);
            rename.commit();
        }
        UpdateSchema add = transaction.updateSchema();
        add.unionByNameWith(wanted);
        add.commit();
        transaction.commitTransaction();
        table.refresh();
        return table;
    }

    private static void collectRenames(
            String path, Types.StructType existing, Types.StructType wanted, Map<String, String> renames) {
        for (Types.NestedField field : wanted.fields()) {
            Types.NestedField current = existing.field(field.name());
            if (current == null || holds(current.type(), field.type()) || holds(field.type(), current.type())) {
                continue;
            }
            if (current.type().isStructType() && field.type().isStructType()) {
                collectRenames(
                        path + field.name() + ".",
                        current.type().asStructType(),
                        field.type().asStructType(),
                        renames);
                continue;
            }
            renames.put(path + field.name(), freeName(existing, field.name(), current.type()));
            retired(existing, wanted, field.name(), field.type())
                    .ifPresent(earlier -> renames.put(path + earlier.name(), field.name()));
        }
    }

    /// The column that held an earlier type of a column, exactly this one.
    ///
    /// @param columns of the table
    /// @param source the columns that the source has itself: none of them is taken for an earlier one
    public static Optional<Types.NestedField> retired(
            Types.StructType columns, Types.StructType source, String name, Type type) {
        return Optional.ofNullable(columns.field(retiredName(name, type)))
                .filter(column -> shape(column.type()).equals(shape(type)) && source.field(column.name()) == null);
    }

    /// Whether a table has all of the columns, with types that take their values.
    static boolean covers(Schema schema, Schema wanted) {
        return wanted.columns().stream().allMatch(field -> {
            Types.NestedField existing = schema.findField(field.name());
            return existing != null && holds(existing.type(), field.type());
        });
    }

    /// Whether a column of a type takes all values of another one.
    public static boolean holds(Type column, Type values) {
        return shape(column).equals(shape(values))
                || column.isPrimitiveType()
                        && values.isPrimitiveType()
                        && TypeUtil.isPromotionAllowed(values, column.asPrimitiveType());
    }

    /// The type without the field ids of nested fields, which two schemas need not share.
    private static String shape(Type type) {
        return type.toString().replaceAll("\\d+: ", "");
    }

    private static String freeName(Types.StructType columns, String name, Type type) {
        String wanted = retiredName(name, type);
        String free = wanted;
        for (int i = 2; columns.field(free) != null; i++) {
            free = wanted + "_" + i;
        }
        return free;
    }

    private static String retiredName(String name, Type type) {
        String text = type.isPrimitiveType() ? type.toString() : type.typeId().name();
        return name + "_was_"
                + text.toLowerCase(java.util.Locale.ROOT)
                        .replaceAll("[^a-z0-9]+", "_")
                        .replaceAll("_$", "");
    }
}
