package io.levada.ingest.postgres;

import io.levada.ingest.capture.CapturePosition;
import io.levada.ingest.capture.SourceLog;
import io.levada.ingest.postgres.pgoutput.LogMessage;
import io.levada.ingest.postgres.pgoutput.LogMessage.Begin;
import io.levada.ingest.postgres.pgoutput.LogMessage.Commit;
import io.levada.ingest.postgres.pgoutput.LogMessage.Content;
import io.levada.ingest.postgres.pgoutput.LogMessage.Other;
import io.levada.ingest.postgres.pgoutput.LogMessage.Relation;
import io.levada.ingest.postgres.pgoutput.LogMessage.RowChange;
import io.levada.ingest.postgres.pgoutput.LogMessage.Truncate;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Publishes what PostgreSQL's log says, in batches: each is one Kafka transaction with the changes and the position
/// after them.
///
/// A batch may end within a transaction of the database. Not safe for use by several threads.
final class LogPublisher {
    /// What others learn of a batch after it is committed.
    interface Listener {
        void published(CapturePosition position, int changes);

        /// The log held a truncate of a table.
        void truncated(String topic);

        /// @param content of a message that Levada wrote into the log
        void message(String content, CapturePosition position);
    }

    private static final Logger LOG = LoggerFactory.getLogger(LogPublisher.class);
    private static final int MAX_CHANGES = 20_000;
    private static final long MAX_BYTES = 16L * 1024 * 1024;
    private static final Duration MAX_AGE = Duration.ofMillis(250);

    /// How long a batch waits for more once the log has nothing to read.
    private static final Duration LINGER = Duration.ofMillis(10);

    /// How long the end of a transaction without a change of ours may wait to be stored.
    private static final Duration MOVE_AGE = Duration.ofSeconds(5);

    private final SourceLog log;
    private final Map<String, TupleChanges> tables;
    private final Map<Integer, String> names;
    private final Listener listener;
    private final SnapshotPlaces places;
    private final CapturePosition.Cursor cursor;
    private final List<String> contents = new ArrayList<>();

    private String transaction = "";
    private @Nullable Instant commitTime;
    private OffsetDateTime commitTimestamp = OffsetDateTime.ofInstant(Instant.EPOCH, ZoneOffset.UTC);
    private boolean pending;
    private boolean begun;
    private long since;
    private int changes;
    private long bytes;

    /// @param tables by `schema.table`
    /// @param names the same names by the tables' ids: a table that is renamed while it streams is still published
    /// @param places answers where snapshots stand in this stream
    LogPublisher(
            SourceLog log,
            CapturePosition from,
            Map<String, TupleChanges> tables,
            Map<Integer, String> names,
            Listener listener,
            SnapshotPlaces places) {
        this.places = places;
        this.log = log;
        this.tables = Map.copyOf(tables);
        this.names = Map.copyOf(names);
        this.listener = listener;
        this.cursor = new CapturePosition.Cursor(from);
    }

    /// @param position of the message in the log
    void accept(LogMessage message, long position) throws IOException, SQLException {
        places.look(cursor);
        switch (message) {
            case RowChange change -> {
                places.change(transaction, cursor);
                TupleChanges table = table(change.relation());
                if (table != null && cursor.advance(table.topic(), transaction, commitTime)) {
                    send(table.topic(), table.encode(change, origin(position)));
                }
            }
            case Truncate truncate -> {
                places.change(transaction, cursor);
                for (Relation relation : truncate.relations()) {
                    TupleChanges table = table(relation);
                    if (table != null && cursor.advance(table.topic(), transaction, commitTime)) {
                        send(table.topic(), table.truncate(origin(position)));
                        listener.truncated(table.topic());
                    }
                }
            }
            case Begin begin -> {
                transaction = Long.toString(begin.transaction());
                commitTime = begin.commitTime();
                commitTimestamp = begin.commitTime().atOffset(ZoneOffset.UTC);
            }
            case Commit commit -> {
                cursor.committedUpTo(commit.end(), commit.commitTime());
                open();
            }
            case Content content -> {
                if (content.prefix().equals(PostgresLog.MESSAGE_PREFIX)) {
                    places.message(content.text(), cursor);
                    contents.add(content.text());
                    open();
                }
            }
            case Relation described -> noteRename(described);
            case Other _ -> {}
        }
    }

    private @Nullable TupleChanges table(Relation relation) {
        TupleChanges named = tables.get(relation.qualifiedName());
        return named != null ? named : tables.get(names.getOrDefault(relation.id(), ""));
    }

    private void noteRename(Relation relation) {
        if (!tables.containsKey(relation.qualifiedName()) && names.containsKey(relation.id())) {
            LOG.atWarn()
                    .addKeyValue("table", names.get(relation.id()))
                    .log(
                            "The table was renamed to {}; its changes go on under the name in levada.yaml until the next"
                                    + " start",
                            relation.qualifiedName());
        }
    }

    private TupleChanges.Origin origin(long position) {
        return new TupleChanges.Origin(cursor.pos(), PostgresServer.lsnText(position), commitTimestamp, transaction);
    }

    private void open() {
        if (!pending) {
            pending = true;
            since = System.nanoTime();
        }
    }

    private void send(String topic, byte[] change) {
        open();
        if (!begun) {
            begun = true;
            log.begin();
        }
        log.send(topic, change);
        changes++;
        bytes += change.length;
    }

    /// Whether the batch is to be committed now.
    ///
    /// @param idle whether the log has nothing to read now
    boolean isDue(boolean idle) {
        if (!pending) {
            return false;
        }
        if (changes >= MAX_CHANGES || bytes >= MAX_BYTES) {
            return true;
        }
        long age = System.nanoTime() - since;
        Duration wait = changes == 0 && contents.isEmpty() ? MOVE_AGE : idle ? LINGER : MAX_AGE;
        return age >= wait.toNanos();
    }

    /// Commits the batch.
    ///
    /// @return the end of the last transaction that is published whole: the database may forget its log up to here
    long commit() {
        if (!begun) {
            log.begin();
        }
        log.commit(cursor);
        CapturePosition position = cursor.position();
        places.batchCommitted(position);
        listener.published(position, changes);
        contents.forEach(content -> listener.message(content, position));
        contents.clear();
        begun = false;
        pending = false;
        changes = 0;
        bytes = 0;
        return position.commitLsn();
    }
}
