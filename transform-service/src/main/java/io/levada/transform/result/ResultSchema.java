package io.levada.transform.result;

import io.levada.events.RawColumns;
import io.levada.sql.LakeSession;
import io.levada.transform.TransformError;
import io.levada.transform.TransformException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;

/// The schemas that results are stored with. Field ids are placeholders; every column is optional.
public final class ResultSchema {
    private ResultSchema() {}

    /// The schema of a SELECT's result.
    ///
    /// @throws SQLException where the engine refuses the SELECT
    /// @throws TransformException where a column's type or name does not fit a table
    public static Schema of(LakeSession session, String select) throws SQLException {
        List<Types.NestedField> fields = new ArrayList<>();
        try (Statement statement = session.connection().createStatement();
                ResultSet columns = statement.executeQuery("DESCRIBE " + select)) {
            while (columns.next()) {
                String name = columns.getString("column_name");
                Type type = IcebergTypes.of(name, columns.getString("column_type"));
                fields.add(Types.NestedField.optional(fields.size() + 1, name, type));
            }
        }
        return withIds(fields);
    }

    /// The schema of a raw table's mirror: the source's columns.
    public static Schema ofMirror(Schema raw) {
        requireDistinctNames(raw.columns());
        return withIds(raw.columns().stream()
                .filter(field -> !RawColumns.ALL.contains(field.name()))
                .map(field -> Types.NestedField.optional(field.fieldId(), field.name(), writable(field.type())))
                .toList());
    }

    /// DuckDB writes no Parquet fields of a fixed length but UUIDs.
    private static Type writable(Type type) {
        return type.typeId() == Type.TypeID.FIXED ? Types.BinaryType.get() : type;
    }

    private static Schema withIds(List<Types.NestedField> fields) {
        requireDistinctNames(fields);
        List<Types.NestedField> numbered = new ArrayList<>();
        for (Types.NestedField field : fields) {
            numbered.add(Types.NestedField.optional(numbered.size() + 1, field.name(), field.type()));
        }
        int[] last = {numbered.size()};
        List<Types.NestedField> distinct = new ArrayList<>();
        for (Types.NestedField field : numbered) {
            Type type = TypeUtil.assignFreshIds(field.type(), () -> ++last[0]);
            distinct.add(Types.NestedField.optional(field.fieldId(), field.name(), type));
        }
        return new Schema(distinct);
    }

    private static void requireDistinctNames(List<Types.NestedField> fields) {
        Map<String, String> seen = new HashMap<>();
        for (Types.NestedField field : fields) {
            String other = seen.put(field.name().toLowerCase(Locale.ROOT), field.name());
            if (other != null) {
                throw new TransformException(
                        TransformError.COLUMNS_COLLIDE,
                        "Columns '" + other + "' and '" + field.name() + "' are one name to the engine");
            }
        }
    }
}
