package io.levada.ingest.capture;

import io.levada.ingest.quarantine.QuarantineWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// A row of the log that can not be carried as what it is, as JSON text for people: the key columns first, then the
/// others in the table's order; what the source did not send is left out.
public final class RefusedValues {
    private static final String OLD_KEY = "_old_key";

    private final Map<String, @Nullable Object> values = new LinkedHashMap<>();

    /// @param key by column name, as text
    public void oldKey(Map<String, @Nullable String> key) {
        Map<String, @Nullable Object> old = new LinkedHashMap<>();
        key.forEach((name, text) -> old.put(name, beginning(text)));
        values.put(OLD_KEY, old);
    }

    /// Notes a column, unless it is noted already.
    public void column(String name, @Nullable String text) {
        values.putIfAbsent(name, beginning(text));
    }

    private static @Nullable String beginning(@Nullable String text) {
        return text == null || text.length() <= QuarantineWriter.MAX_RAW_BYTES
                ? text
                : text.substring(0, QuarantineWriter.MAX_RAW_BYTES);
    }

    /// The text, cut off where quarantine would cut it off.
    public String json() {
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
