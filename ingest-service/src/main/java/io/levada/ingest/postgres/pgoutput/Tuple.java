package io.levada.ingest.postgres.pgoutput;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// One row as it is sent: the text of each column in the relation's order, NULL, or "not sent".
///
/// It is valid as long as the message that it came in.
public final class Tuple {
    private static final int NULL = -1;
    private static final int UNCHANGED = -2;
    private static final byte BINARY_FORMAT = 'b';

    private final byte[] bytes;
    private final int[] starts;
    private final int[] lengths;

    private Tuple(byte[] bytes, int[] starts, int[] lengths) {
        this.bytes = bytes;
        this.starts = starts;
        this.lengths = lengths;
    }

    static Tuple read(ByteBuffer message) {
        int columns = Short.toUnsignedInt(message.getShort());
        int[] starts = new int[columns];
        int[] lengths = new int[columns];
        for (int i = 0; i < columns; i++) {
            byte kind = message.get();
            lengths[i] = switch (kind) {
                case 'n' -> NULL;
                case 'u' -> UNCHANGED;
                case 't' -> {
                    int length = message.getInt();
                    starts[i] = message.arrayOffset() + message.position();
                    message.position(message.position() + length);
                    yield length;
                }
                case BINARY_FORMAT -> throw new IllegalArgumentException("Values in binary format were not asked for");
                default -> throw new IllegalArgumentException("Unknown kind of value " + kind);
            };
        }
        return new Tuple(message.array(), starts, lengths);
    }

    /// How many columns the row has.
    public int size() {
        return starts.length;
    }

    /// Whether the server did not send the value, because an update left it as it was (TOAST).
    public boolean isUnchanged(int column) {
        return lengths[column] == UNCHANGED;
    }

    /// The value as PostgreSQL writes it; null for NULL.
    ///
    /// @throws IllegalStateException where the value was not sent
    public @Nullable String text(int column) {
        return switch (lengths[column]) {
            case NULL -> null;
            case UNCHANGED -> throw new IllegalStateException("Column " + column + " was not sent");
            default -> new String(bytes, starts[column], lengths[column], StandardCharsets.UTF_8);
        };
    }
}
