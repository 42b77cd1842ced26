package io.levada.lake;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// Partition values as a path, `a=1/b=x%2Fy`, from which the values can be had again: Iceberg's own path tells neither
/// null from the text `null` nor decodes what it encoded.
public final class PartitionPath {
    private static final String NULL = "__HIVE_DEFAULT_PARTITION__";

    private PartitionPath() {}

    static String of(PartitionSpec spec, StructLike partition) {
        List<String> parts = new ArrayList<>();
        List<Types.NestedField> types = spec.partitionType().fields();
        for (int i = 0; i < types.size(); i++) {
            parts.add(encoded(types.get(i).name()) + "="
                    + text(spec.fields().get(i), types.get(i).type(), partition, i));
        }
        return String.join("/", parts);
    }

    private static String text(PartitionField field, Type type, StructLike partition, int index) {
        Object value = partition.get(index, Object.class);
        return value == null ? NULL : encoded(human(field, type, value));
    }

    @SuppressWarnings("unchecked")
    private static String human(PartitionField field, Type type, Object value) {
        return ((org.apache.iceberg.transforms.Transform<?, Object>) field.transform()).toHumanString(type, value);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /// @throws IllegalArgumentException where the path does not fit the spec
    public static PartitionData parse(PartitionSpec spec, String path) {
        List<Types.NestedField> fields = spec.partitionType().fields();
        String[] parts = path.split("/", -1);
        if (parts.length != fields.size()) {
            throw new IllegalArgumentException("Partition '" + path + "' does not fit " + spec);
        }
        PartitionData data = new PartitionData(spec.partitionType());
        for (int i = 0; i < parts.length; i++) {
            String prefix = encoded(fields.get(i).name()) + "=";
            if (!parts[i].startsWith(prefix)) {
                throw new IllegalArgumentException("Partition '" + path + "' does not fit " + spec);
            }
            data.set(i, value(fields.get(i).type(), parts[i].substring(prefix.length())));
        }
        return data;
    }

    private static @Nullable Object value(Type type, String text) {
        if (text.equals(NULL)) {
            return null;
        }
        String decoded = URLDecoder.decode(text, StandardCharsets.UTF_8);
        return switch (type.typeId()) {
            // Iceberg reads these from no partition path.
            case TIME, TIMESTAMP -> Literal.of(decoded).to(type).value();
            default -> Conversions.fromPartitionString(type, decoded);
        };
    }
}
