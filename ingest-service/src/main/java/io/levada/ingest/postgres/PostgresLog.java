package io.levada.ingest.postgres;

import io.levada.ingest.capture.SourceOrders;
import io.levada.ingest.postgres.pgoutput.PgOutputDecoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/// Reads a source's slot and hands every message to its publisher.
///
/// The server is told only of what is committed to Kafka: it keeps the log from there on.
final class PostgresLog implements AutoCloseable {
    /// Prefix of the messages that Levada writes into a source's log.
    static final String MESSAGE_PREFIX = "levada";

    private static final Duration STATUS_INTERVAL = Duration.ofSeconds(1);
    private static final Duration LOOK = Duration.ofMillis(2);
    private static final String SLOT_IN_USE = "55006";
    private static final Duration SLOT_WAIT = Duration.ofSeconds(5);
    private static final Duration SLOT_LOOK = Duration.ofMillis(50);

    private final Connection connection;
    private final PGReplicationStream stream;
    private final PgOutputDecoder decoder = new PgOutputDecoder();

    private PostgresLog(Connection connection, PGReplicationStream stream) {
        this.connection = connection;
        this.stream = stream;
    }

    /// Starts to read at a position. The server sends every transaction that ended after it, from its beginning.
    static PostgresLog open(PostgresServer server, long from) throws SQLException {
        Connection connection = server.connectForReplication();
        try {
            PostgresServer.fixTextForms(connection);
            return new PostgresLog(connection, start(connection, server, from));
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        } catch (InterruptedException e) {
            connection.close();
            Thread.currentThread().interrupt();
            throw new SQLException("Interrupted while waiting for slot " + server.slot(), e);
        }
    }

    /// A predecessor's session may hold the slot for the moment that the server takes to notice its end.
    private static PGReplicationStream start(Connection connection, PostgresServer server, long from)
            throws SQLException, InterruptedException {
        long deadline = System.nanoTime() + SLOT_WAIT.toNanos();
        while (true) {
            try {
                return start(connection, server.slot(), server.publication(), from);
            } catch (SQLException e) {
                if (!SLOT_IN_USE.equals(e.getSQLState()) || System.nanoTime() > deadline) {
                    throw e;
                }
                Thread.sleep(SLOT_LOOK);
            }
        }
    }

    private static PGReplicationStream start(Connection connection, String slot, String publication, long from)
            throws SQLException {
        return connection
                .unwrap(PGConnection.class)
                .getReplicationAPI()
                .replicationStream()
                .logical()
                .withSlotName(slot)
                .withStartPosition(LogSequenceNumber.valueOf(from))
                .withStatusInterval((int) STATUS_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)
                // Otherwise the driver itself acknowledges what it was sent while the source is idle.
                .withAutomaticFlush(false)
                .withSlotOption("proto_version", 1)
                .withSlotOption("publication_names", PostgresServer.quoted(publication))
                .withSlotOption("messages", true)
                .start();
    }

    /// Reads until there is an order, or no more are taken.
    void follow(LogPublisher publisher, SourceOrders orders) throws SQLException, IOException, InterruptedException {
        while (!orders.calling()) {
            ByteBuffer message = stream.readPending();
            if (message != null) {
                publisher.accept(
                        decoder.decode(message), stream.getLastReceiveLSN().asLong());
            }
            if (publisher.isDue(message == null)) {
                acknowledge(publisher.commit());
            } else if (message == null) {
                orders.await(LOOK);
            }
        }
    }

    private void acknowledge(long committed) {
        LogSequenceNumber position = LogSequenceNumber.valueOf(committed);
        stream.setFlushedLSN(position);
        stream.setAppliedLSN(position);
    }

    @Override
    public void close() throws SQLException {
        // Closing the stream would first read what the server still sends of a large transaction.
        connection.abort(Runnable::run);
    }
}
