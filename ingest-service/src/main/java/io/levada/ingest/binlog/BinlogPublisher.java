package io.levada.ingest.binlog;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.event.DeleteRowsEventData;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.GtidEventData;
import com.github.shyiko.mysql.binlog.event.MariadbGtidEventData;
import com.github.shyiko.mysql.binlog.event.QueryEventData;
import com.github.shyiko.mysql.binlog.event.RotateEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.UpdateRowsEventData;
import com.github.shyiko.mysql.binlog.event.WriteRowsEventData;
import io.levada.definition.BinlogSource;
import io.levada.definition.SourceTable;
import io.levada.ingest.IngestError;
import io.levada.ingest.capture.BinlogPosition;
import io.levada.ingest.capture.CapturePosition;
import io.levada.ingest.capture.SourceLog;
import io.levada.ingest.capture.SourceProblem;
import java.io.IOException;
import java.io.Serializable;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Publishes the events of a binary log: one Kafka transaction after the other, each with changes and the position
/// after them.
///
/// The position moves only between the log's transactions. One that is published in part is sent again from its
/// beginning after a restart, and as many changes of each topic are dropped as were published: [CapturePosition.Cursor]
/// counts them. Not safe for use by several threads.
final class BinlogPublisher implements BinaryLogClient.EventListener {
    /// What others learn of a batch after it is committed.
    interface Listener {
        void published(CapturePosition position, int changes);

        /// The log held a statement that may have changed a table's rows without naming them.
        void rewritten(SourceTable table);
    }

    private static final int BATCH_CHANGES = 8_192;
    private static final long BATCH_BYTES = 16L * 1024 * 1024;
    private static final long BATCH_NANOS = 200_000_000L;
    private static final long IDLE_NANOS = 500_000_000L;
    private static final int PREPARED_XA = 64;

    private final BinlogSource source;
    private final SourceLog log;
    private final Map<String, BinlogTable> tables;
    private final boolean foldNames;
    private final Listener listener;
    private final CapturePosition.Cursor cursor;
    private final BinlogHistory history;
    private final BinlogPlaces places;
    private final Map<Long, BinlogTable> mapped = new HashMap<>();

    private String file;
    private @Nullable String transaction;
    /// Whether more events of the transaction follow until its end is said.
    private boolean grouped;
    private boolean preparedXa;
    private boolean changedInTransaction;
    private volatile long lastEvent = System.nanoTime();
    private Instant commitTime = Instant.EPOCH;
    private int changes;
    private long bytes;
    private boolean open;
    private long begun = System.nanoTime();

    /// @param tables by `database.table`
    /// @param foldNames whether the server writes names of databases and tables as it likes
    /// @param places is told the end of each transaction
    BinlogPublisher(
            BinlogSource source,
            SourceLog log,
            CapturePosition from,
            Map<String, BinlogTable> tables,
            boolean foldNames,
            BinlogPlaces places,
            Listener listener) {
        BinlogPosition start = (BinlogPosition) from.committed();
        this.source = source;
        this.log = log;
        this.foldNames = foldNames;
        this.tables = new HashMap<>();
        tables.forEach((name, table) -> this.tables.put(folded(name), table));
        this.places = places;
        this.listener = listener;
        this.cursor = new CapturePosition.Cursor(from);
        this.history = new BinlogHistory(start.history());
        this.file = start.file();
    }

    /// How long the server has sent nothing, not even that it is there.
    Duration silence() {
        return Duration.ofNanos(System.nanoTime() - lastEvent);
    }

    private String folded(String name) {
        return foldNames ? name.toLowerCase(Locale.ROOT) : name;
    }

    @Override
    public void onEvent(Event event) {
        EventHeaderV4 header = event.getHeader();
        lastEvent = System.nanoTime();
        try {
            switch (header.getEventType()) {
                case ROTATE -> rotate(event.getData());
                case FORMAT_DESCRIPTION, HEARTBEAT, ANNOTATE_ROWS, ROWS_QUERY, STOP -> {
                    // Nothing that a table holds.
                }
                case MARIADB_GTID -> beginNumbered(header, event.getData());
                case GTID -> begin(header, String.valueOf(((GtidEventData) event.getData()).getMySqlGtid()));
                case ANONYMOUS_GTID -> begin(header, file + ":" + header.getPosition());
                case QUERY -> query(header, event.getData());
                case XID, XA_PREPARE -> complete(header);
                case TABLE_MAP -> map(event.getData());
                case WRITE_ROWS, EXT_WRITE_ROWS -> written(header, event.getData());
                case UPDATE_ROWS, EXT_UPDATE_ROWS -> updated(header, event.getData());
                case DELETE_ROWS, EXT_DELETE_ROWS -> deleted(header, event.getData());
                case INCIDENT -> throw unreadable("The server lost events (an incident in the log)");
                case UNKNOWN -> {
                    if (transaction != null) {
                        throw unreadable("The log holds an event that the binlog client does not know at " + file + ":"
                                + header.getPosition());
                    }
                }
                case TRANSACTION_PAYLOAD,
                        PARTIAL_UPDATE_ROWS_EVENT,
                        PRE_GA_WRITE_ROWS,
                        PRE_GA_UPDATE_ROWS,
                        PRE_GA_DELETE_ROWS ->
                    throw unreadable("The log holds an event of type " + header.getEventType() + " at " + file + ":"
                            + header.getPosition());
                default -> passed(header);
            }
            commitWhenDue(header.getEventType() == EventType.HEARTBEAT);
        } catch (IOException | SQLException e) {
            throw new IllegalStateException("A change of source " + source.name() + " can not be encoded now", e);
        }
    }

    private SourceProblem unreadable(String reason) {
        return new SourceProblem(
                IngestError.CAPTURE_BINLOG_UNREADABLE,
                reason + ": its changes can not be carried",
                "Mend what wrote it (docs/how-to/mariadb.md says what a server must not write), then "
                        + BinlogReader.repair(source));
    }

    private void rotate(RotateEventData rotation) {
        file = rotation.getBinlogFilename();
        mapped.clear();
    }

    private void beginNumbered(EventHeaderV4 header, MariadbGtidEventData gtid) {
        String id = gtid.getDomainId() + "-" + header.getServerId() + "-" + gtid.getSequence();
        begin(header, id);
        grouped = (gtid.getFlags() & MariadbGtidEventData.FL_STANDALONE) == 0;
        preparedXa = (gtid.getFlags() & PREPARED_XA) != 0;
        history.begun(gtid.getDomainId(), id);
    }

    private void begin(EventHeaderV4 header, String id) {
        transaction = id;
        grouped = false;
        preparedXa = false;
        commitTime = Instant.ofEpochMilli(header.getTimestamp());
    }

    private void query(EventHeaderV4 header, QueryEventData query) {
        String sql = query.getSql().strip();
        switch (firstWord(sql)) {
            case "BEGIN" -> {
                if (transaction == null) {
                    begin(header, file + ":" + header.getPosition());
                }
                grouped = true;
            }
            case "COMMIT" -> complete(header);
            case "ROLLBACK" -> {
                if (changedInTransaction) {
                    throw unreadable("A transaction at " + file + ":" + header.getPosition()
                            + " was rolled back after it had changed a table of an engine without transactions");
                }
                complete(header);
            }
            case "SAVEPOINT" -> completeUnlessGrouped(header);
            case "XA" -> {
                if (sql.toUpperCase(Locale.ROOT).startsWith("XA START")) {
                    grouped = true;
                    preparedXa = true;
                }
                completeUnlessGrouped(header);
            }
            case "INSERT", "UPDATE", "DELETE", "REPLACE", "LOAD" -> {
                refuseStatement(sql, query.getDatabase());
                completeUnlessGrouped(header);
            }
            default -> statement(header, query, sql);
        }
    }

    private static String firstWord(String sql) {
        int end = 0;
        while (end < sql.length() && Character.isLetter(sql.charAt(end))) {
            end++;
        }
        return sql.substring(0, end).toUpperCase(Locale.ROOT);
    }

    /// A statement that changes rows stands in the log where a session has set `binlog_format` itself.
    private void refuseStatement(String sql, String database) {
        String text = folded(sql);
        for (BinlogTable table : tables.values()) {
            String name = folded(table.table().table());
            if (text.contains(name)) {
                throw unreadable("A session wrote a statement into the log that may change table "
                        + table.table().qualifiedName() + " (in database " + database
                        + "): binlog_format was not ROW");
            }
        }
    }

    /// A definition statement is a transaction of its own.
    private void statement(EventHeaderV4 header, QueryEventData query, String sql) {
        if (transaction == null) {
            begin(header, file + ":" + header.getPosition());
        }
        Optional<String> truncated = TruncateStatement.table(sql, query.getDatabase());
        BinlogTable table = truncated.map(name -> tables.get(folded(name))).orElse(null);
        if (table != null && advance(table)) {
            send(table, table.truncated(place(header)));
        }
        completeUnlessGrouped(header);
        if (table == null) {
            tables.values().stream()
                    .filter(named ->
                            RewritingStatement.mayChange(sql, named.table().table()))
                    .forEach(this::rewritten);
        }
    }

    /// Only once the statement is behind the stored position: who is told stops the reading, and the next start would
    /// find it again.
    private void rewritten(BinlogTable table) {
        if (!open) {
            beginBatch();
        }
        commit();
        listener.rewritten(table.table());
    }

    private void completeUnlessGrouped(EventHeaderV4 header) {
        if (!grouped) {
            complete(header);
        }
    }

    private void map(TableMapEventData event) throws IOException, SQLException {
        BinlogTable table = tables.get(folded(event.getDatabase() + "." + event.getTable()));
        if (table == null) {
            mapped.remove(event.getTableId());
            return;
        }
        if (!BinlogRows.isReadable(event)) {
            throw unreadable("Table " + table.table().qualifiedName() + " has a column of a type that can not be read"
                    + " from the log, such as a compressed one");
        }
        table.describedAs(BinlogLayout.of(event, source.product()));
        mapped.put(event.getTableId(), table);
    }

    private void written(EventHeaderV4 header, WriteRowsEventData rows) {
        BinlogTable table = mapped.get(rows.getTableId());
        if (table != null) {
            for (@Nullable Serializable[] row : rows.getRows()) {
                publish(header, table, null, row);
            }
        }
    }

    private void updated(EventHeaderV4 header, UpdateRowsEventData rows) {
        BinlogTable table = mapped.get(rows.getTableId());
        if (table != null) {
            for (Map.Entry<Serializable[], Serializable[]> row : rows.getRows()) {
                publish(header, table, row.getKey(), row.getValue());
            }
        }
    }

    private void deleted(EventHeaderV4 header, DeleteRowsEventData rows) {
        BinlogTable table = mapped.get(rows.getTableId());
        if (table != null) {
            for (@Nullable Serializable[] row : rows.getRows()) {
                publish(header, table, row, null);
            }
        }
    }

    private void publish(
            EventHeaderV4 header,
            BinlogTable table,
            @Nullable Serializable @Nullable [] before,
            @Nullable Serializable @Nullable [] after) {
        if (preparedXa) {
            throw unreadable("Table " + table.table().qualifiedName()
                    + " was changed in a distributed transaction (XA), which may still be rolled back");
        }
        changedInTransaction = true;
        if (advance(table)) {
            send(table, table.encode(place(header), before, after));
        }
    }

    private boolean advance(BinlogTable table) {
        return cursor.advance(table.topic(), transaction, commitTime);
    }

    private BinlogTable.Place place(EventHeaderV4 header) {
        return new BinlogTable.Place(
                cursor.pos(),
                file + ":" + header.getPosition(),
                commitTime.truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC),
                String.valueOf(transaction));
    }

    private void send(BinlogTable table, byte[] change) {
        if (!open) {
            beginBatch();
        }
        log.send(table.topic(), change);
        changes++;
        bytes += change.length;
        if (changes >= BATCH_CHANGES || bytes >= BATCH_BYTES) {
            commit();
        }
    }

    private void complete(EventHeaderV4 header) {
        transaction = null;
        grouped = false;
        preparedXa = false;
        changedInTransaction = false;
        history.completed();
        advanceTo(header.getNextPosition());
    }

    private void passed(EventHeaderV4 header) {
        if (transaction == null && header.getNextPosition() > 0) {
            advanceTo(header.getNextPosition());
        }
    }

    private void advanceTo(long offset) {
        BinlogPosition end = new BinlogPosition(file, offset, history.text());
        cursor.committedUpTo(end);
        places.passed(end, cursor.pos());
    }

    private void commitWhenDue(boolean caughtUp) {
        long age = System.nanoTime() - begun;
        if (open && (caughtUp || age > BATCH_NANOS)) {
            commit();
        } else if (!open
                && age > IDLE_NANOS
                && (cursor.committed().isAfter(log.position().orElseThrow().committed()) || log.isOutdated())) {
            beginBatch();
            commit();
        }
    }

    private void beginBatch() {
        log.begin();
        open = true;
        begun = System.nanoTime();
    }

    private void commit() {
        log.commit(cursor);
        open = false;
        begun = System.nanoTime();
        int published = changes;
        changes = 0;
        bytes = 0;
        listener.published(cursor.position(), published);
    }
}
