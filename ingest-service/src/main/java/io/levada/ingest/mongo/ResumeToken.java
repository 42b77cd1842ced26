package io.levada.ingest.mongo;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.OptionalLong;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.jspecify.annotations.Nullable;

/// The tokens by which a server resumes a change stream.
final class ResumeToken {
    private static final String DATA = "_data";
    private static final int TIMESTAMP = 0x82;
    private static final int TIME_BYTES = 1 + Long.BYTES;

    private ResumeToken() {}

    /// @return null where the document is no token that is known
    static @Nullable String text(@Nullable BsonDocument token) {
        return token != null && token.isString(DATA) ? token.getString(DATA).getValue() : null;
    }

    static BsonDocument document(String text) {
        return new BsonDocument(DATA, new BsonString(text));
    }

    /// The cluster time with which a token begins; empty where it begins otherwise.
    static OptionalLong time(String text) {
        if (text.length() < 2 * TIME_BYTES || !text.substring(0, 2 * TIME_BYTES).matches("[0-9A-Fa-f]+")) {
            return OptionalLong.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(text, 0, 2 * TIME_BYTES));
        return (bytes.get() & 0xff) == TIMESTAMP ? OptionalLong.of(bytes.getLong()) : OptionalLong.empty();
    }
}
