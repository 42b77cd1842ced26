package io.levada.ingest.postgres.pgoutput;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Messages as "Logical Replication Message Formats" in PostgreSQL's manual says them, byte by byte.
final class MessageBytes {
    /// Stands for a value that the server did not send.
    static final String UNCHANGED = "unchanged";

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);

    static MessageBytes of(char kind) {
        return new MessageBytes().int8(kind);
    }

    MessageBytes int8(int value) {
        return write(() -> out.writeByte(value));
    }

    MessageBytes int16(int value) {
        return write(() -> out.writeShort(value));
    }

    MessageBytes int32(int value) {
        return write(() -> out.writeInt(value));
    }

    MessageBytes int64(long value) {
        return write(() -> out.writeLong(value));
    }

    MessageBytes string(String value) {
        return write(() -> out.write(value.getBytes(StandardCharsets.UTF_8))).int8(0);
    }

    MessageBytes bytes(byte[] value) {
        return write(() -> out.write(value));
    }

    /// A relation's column.
    MessageBytes column(int flags, String name, int type, int modifier) {
        return int8(flags).string(name).int32(type).int32(modifier);
    }

    /// TupleData with text values, nulls and [#UNCHANGED].
    MessageBytes tuple(@Nullable String... values) {
        int16(values.length);
        for (String value : values) {
            if (value == null) {
                int8('n');
            } else if (value.equals(UNCHANGED)) {
                int8('u');
            } else {
                byte[] text = value.getBytes(StandardCharsets.UTF_8);
                int8('t').int32(text.length).bytes(text);
            }
        }
        return this;
    }

    /// In an array that is larger than the message, as the driver hands it over.
    ByteBuffer message() {
        byte[] message = bytes.toByteArray();
        byte[] larger = new byte[message.length + 48];
        System.arraycopy(message, 0, larger, 25, message.length);
        return ByteBuffer.wrap(larger, 25, message.length).slice();
    }

    private interface Writing {
        void run() throws IOException;
    }

    private MessageBytes write(Writing writing) {
        try {
            writing.run();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
