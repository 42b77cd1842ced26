package io.levada.ingest.postgres.pgoutput;

import io.levada.ingest.postgres.pgoutput.LogMessage.Begin;
import io.levada.ingest.postgres.pgoutput.LogMessage.Column;
import io.levada.ingest.postgres.pgoutput.LogMessage.Commit;
import io.levada.ingest.postgres.pgoutput.LogMessage.Content;
import io.levada.ingest.postgres.pgoutput.LogMessage.Delete;
import io.levada.ingest.postgres.pgoutput.LogMessage.Insert;
import io.levada.ingest.postgres.pgoutput.LogMessage.Other;
import io.levada.ingest.postgres.pgoutput.LogMessage.Relation;
import io.levada.ingest.postgres.pgoutput.LogMessage.Truncate;
import io.levada.ingest.postgres.pgoutput.LogMessage.Update;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Decodes the messages of one replication stream, in their order, and keeps the relations that it has described.
///
/// Not safe for use by several threads.
public final class PgOutputDecoder {
    private static final Instant POSTGRES_EPOCH = Instant.parse("2000-01-01T00:00:00Z");
    private static final byte FULL_IDENTITY = 'f';
    private static final byte NEW_ROW = 'N';
    private static final int IDENTITY_FLAG = 1;
    private static final int TRANSACTIONAL_FLAG = 1;
    private static final LogMessage OTHER = new Other();

    private final Map<Integer, Relation> relations = new HashMap<>();

    /// @param message whole, backed by an array; its position moves
    /// @throws IllegalArgumentException where it is not a message of protocol version 1
    public LogMessage decode(ByteBuffer message) {
        byte kind = message.get();
        return switch (kind) {
            case 'I' -> insert(message);
            case 'U' -> update(message);
            case 'D' -> delete(message);
            case 'B' -> begin(message);
            case 'C' -> commit(message);
            case 'R' -> relation(message);
            case 'T' -> truncate(message);
            case 'M' -> content(message);
            case 'O', 'Y' -> OTHER;
            default -> throw new IllegalArgumentException("Unknown replication message '" + (char) kind + "'");
        };
    }

    private static Begin begin(ByteBuffer message) {
        message.getLong();
        Instant time = time(message.getLong());
        return new Begin(Integer.toUnsignedLong(message.getInt()), time);
    }

    private static Commit commit(ByteBuffer message) {
        message.get();
        message.getLong();
        long end = message.getLong();
        return new Commit(end, time(message.getLong()));
    }

    private Relation relation(ByteBuffer message) {
        int id = message.getInt();
        String schema = string(message);
        String name = string(message);
        boolean full = message.get() == FULL_IDENTITY;
        int count = Short.toUnsignedInt(message.getShort());
        List<Column> columns = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            boolean identity = (message.get() & IDENTITY_FLAG) != 0;
            columns.add(new Column(string(message), identity, message.getInt(), message.getInt()));
        }
        // An empty name stands for the catalog's schema.
        Relation relation = new Relation(id, schema.isEmpty() ? "pg_catalog" : schema, name, full, columns);
        relations.put(id, relation);
        return relation;
    }

    private Insert insert(ByteBuffer message) {
        Relation relation = known(message.getInt());
        message.get();
        return new Insert(relation, Tuple.read(message));
    }

    private Update update(ByteBuffer message) {
        Relation relation = known(message.getInt());
        Tuple old = null;
        if (message.get() != NEW_ROW) {
            old = Tuple.read(message);
            message.get();
        }
        return new Update(relation, old, Tuple.read(message));
    }

    private Delete delete(ByteBuffer message) {
        Relation relation = known(message.getInt());
        message.get();
        return new Delete(relation, Tuple.read(message));
    }

    private Truncate truncate(ByteBuffer message) {
        int count = message.getInt();
        message.get();
        List<Relation> truncated = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            truncated.add(known(message.getInt()));
        }
        return new Truncate(truncated);
    }

    private static Content content(ByteBuffer message) {
        boolean transactional = (message.get() & TRANSACTIONAL_FLAG) != 0;
        long position = message.getLong();
        String prefix = string(message);
        byte[] bytes = new byte[message.getInt()];
        message.get(bytes);
        return new Content(transactional, position, prefix, new String(bytes, StandardCharsets.UTF_8));
    }

    private Relation known(int id) {
        @Nullable Relation relation = relations.get(id);
        if (relation == null) {
            throw new IllegalArgumentException("The stream has not described relation " + Integer.toUnsignedString(id));
        }
        return relation;
    }

    private static Instant time(long micros) {
        return POSTGRES_EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private static String string(ByteBuffer message) {
        int start = message.position();
        while (message.get() != 0) {
            // The name ends at its zero.
        }
        return new String(
                message.array(), message.arrayOffset() + start, message.position() - 1 - start, StandardCharsets.UTF_8);
    }
}
