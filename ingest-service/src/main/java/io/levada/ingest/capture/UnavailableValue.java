package io.levada.ingest.capture;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What Debezium puts where PostgreSQL did not send a value (unchanged TOAST). The text is random, so that no row
/// holds it; where the value is binary, it is the text's bytes.
final class UnavailableValue {
    private final String text = "levada-unavailable-" + UUID.randomUUID();
    private final ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));

    /// The value of Debezium's setting `unavailable.value.placeholder`.
    String setting() {
        return text;
    }

    boolean is(@Nullable Object value) {
        return switch (value) {
            case null -> false;
            case String string -> string.equals(text);
            case byte[] array -> bytes.equals(ByteBuffer.wrap(array));
            case ByteBuffer buffer -> bytes.equals(buffer);
            default -> false;
        };
    }
}
