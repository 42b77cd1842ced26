package io.levada.ingest.capture;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What Debezium puts where PostgreSQL did not send a value (unchanged TOAST). The text is random, so that no row holds
/// it;
/// it takes another form by the column's type.
final class UnavailableValue {
    private final String text = "levada-unavailable-" + UUID.randomUUID();
    private final ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    private final String uuid =
            UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
    private final List<Integer> numbers = IntStream.range(0, bytes.capacity())
            .mapToObj(i -> (int) bytes.get(i))
            .toList();

    /// The value of Debezium's setting `unavailable.value.placeholder`.
    String setting() {
        return text;
    }

    boolean is(@Nullable Object value) {
        return switch (value) {
            case null -> false;
            case String string -> string.equals(text) || string.equals(uuid);
            case byte[] array -> bytes.equals(ByteBuffer.wrap(array));
            case ByteBuffer buffer -> bytes.equals(buffer);
            case List<?> list when list.size() == 1 -> is(list.getFirst());
            case List<?> list
            when list.size() == numbers.size() ->
                IntStream.range(0, numbers.size())
                        .allMatch(i -> list.get(i) instanceof Number number && number.intValue() == numbers.get(i));
            default -> false;
        };
    }
}
