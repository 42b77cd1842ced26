package io.levada.ingest.landing;

import io.levada.ingest.changes.Change;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// A change as JSON text for people: its row, or of a delete the row before, by column.
final class ChangeText {
    private static final String OP = "_op";
    private static final String OLD_KEY = "_old_key";

    private ChangeText() {}

    static byte[] of(Change change) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        Record row = change.after() != null ? change.after() : change.before();
        if (row != null) {
            put(row, values);
        }
        if (change.oldKey() != null) {
            Map<String, @Nullable Object> key = new LinkedHashMap<>();
            put(change.oldKey(), key);
            values.put(OLD_KEY, key);
        }
        values.put(OP, change.op());
        change.unchanged().forEach(values::remove);
        return JsonMapper.shared().writeValueAsString(values).getBytes(StandardCharsets.UTF_8);
    }

    private static void put(Record row, Map<String, @Nullable Object> values) {
        for (Types.NestedField field : row.struct().fields()) {
            Object value = row.getField(field.name());
            values.put(field.name(), value == null ? null : text(value));
        }
    }

    private static String text(Object value) {
        if (value instanceof ByteBuffer bytes) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            return "\\x" + HexFormat.of().formatHex(copy);
        }
        return value.toString();
    }
}
