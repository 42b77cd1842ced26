package io.levada.ingest.capture;

import io.levada.ingest.quarantine.QuarantineWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.types.Types;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// A row of the log that can not be carried as what it is, as JSON text for people: the key columns first, then the
/// others in the table's order; what the source did not send is left out.
final class RefusedRow {
    private static final String OLD_KEY = "_old_key";

    private final Map<String, Types.NestedField> columns;
    private final Map<String, @Nullable Object> values = new LinkedHashMap<>();

    RefusedRow(Map<String, Types.NestedField> columns) {
        this.columns = columns;
    }

    void oldKey(Struct struct, List<String> key) {
        Map<String, @Nullable Object> old = new LinkedHashMap<>();
        key.forEach(name -> put(old, struct, name));
        values.put(OLD_KEY, old);
    }

    void row(Struct struct, List<String> key, List<String> unchanged) {
        key.forEach(name -> put(values, struct, name));
        for (Field field : struct.schema().fields()) {
            if (!key.contains(field.name()) && !unchanged.contains(field.name())) {
                put(values, struct, field.name());
            }
        }
    }

    private void put(Map<String, @Nullable Object> into, Struct struct, String name) {
        Types.NestedField column = columns.get(name);
        if (column != null && struct.schema().field(name) != null) {
            Object value = struct.getWithoutDefault(name);
            into.put(name, value == null ? null : beginning(ConnectValues.text(value, column.type())));
        }
    }

    static String beginning(String text) {
        return text.length() <= QuarantineWriter.MAX_RAW_BYTES
                ? text
                : text.substring(0, QuarantineWriter.MAX_RAW_BYTES);
    }

    /// The text, cut off where quarantine would cut it off.
    String json() {
        return json(values);
    }

    /// @param values text by column
    static String json(Map<String, ?> values) {
        String json = JsonMapper.shared().writeValueAsString(values);
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= QuarantineWriter.MAX_RAW_BYTES) {
            return json;
        }
        int end = QuarantineWriter.MAX_RAW_BYTES;
        while ((bytes[end] & 0xc0) == 0x80) {
            end--;
        }
        return new String(Arrays.copyOf(bytes, end), StandardCharsets.UTF_8);
    }
}
