package io.levada.transform.result;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.List;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// The partition values of a file as its rows have them.
final class PartitionValues {
    private PartitionValues() {}

    static boolean supports(Type type) {
        return switch (type.typeId()) {
            case BOOLEAN, INTEGER, LONG, DATE, STRING, DECIMAL, UUID -> true;
            default -> false;
        };
    }

    /// @param row with the partition columns' values in the spec's order
    static PartitionData read(PartitionSpec spec, ResultSet row) throws SQLException {
        PartitionData data = new PartitionData(spec.partitionType());
        List<Types.NestedField> fields = spec.partitionType().fields();
        for (int i = 0; i < fields.size(); i++) {
            data.set(i, value(fields.get(i).type(), row.getObject(i + 1)));
        }
        return data;
    }

    private static @Nullable Object value(Type type, @Nullable Object value) {
        if (value == null) {
            return null;
        }
        return switch (type.typeId()) {
            case DATE -> Math.toIntExact(((LocalDate) value).toEpochDay());
            case DECIMAL -> ((BigDecimal) value).setScale(((Types.DecimalType) type).scale());
            case LONG -> ((Number) value).longValue();
            case INTEGER -> ((Number) value).intValue();
            default -> value;
        };
    }
}
