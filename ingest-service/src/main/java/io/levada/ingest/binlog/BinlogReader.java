package io.levada.ingest.binlog;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.network.SSLMode;
import com.github.shyiko.mysql.binlog.network.ServerException;
import io.levada.definition.BinlogSource;
import io.levada.ingest.IngestError;
import io.levada.ingest.capture.BinlogPosition;
import io.levada.ingest.capture.SourceProblem;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The connection over which one server sends its binary log, from a position on.
///
/// Debezium's binlog client speaks the protocol and decodes the events. It swallows what a listener throws, skips
/// events that it can not decode and may connect again by itself in the middle of a transaction: here each of these
/// ends the connection, and capture starts again from the stored position.
final class BinlogReader {
    /// The server says that it has nothing new as often as this; then an open transaction is committed.
    private static final long HEARTBEAT_MILLIS = 100;

    private static final int CANNOT_READ_LOG = 1236;

    private final BinlogSource source;
    private final BinlogPosition from;
    private final BooleanSupplier calling;
    private final BinaryLogClient client;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /// @param calling whether reading is to end: asked for every event, and the server sends one at least every
    ///     [#HEARTBEAT_MILLIS]
    BinlogReader(
            BinlogServer server, BinlogPosition from, BinaryLogClient.EventListener listener, BooleanSupplier calling) {
        this.source = server.source();
        this.from = from;
        this.calling = calling;
        this.client = new BinaryLogClient(
                server.host(), server.port(), source.user(), source.password().value());
        client.setServerId(server.replicaId());
        client.setBinlogFilename(from.file());
        client.setBinlogPosition(from.offset());
        client.setKeepAlive(false);
        client.setHeartbeatInterval(HEARTBEAT_MILLIS);
        client.setSSLMode(sslMode(source.url()));
        client.setEventDeserializer(BinlogRows.deserializer());
        client.registerEventListener(event -> take(listener, event));
        client.registerLifecycleListener(new BinaryLogClient.AbstractLifecycleListener() {
            @Override
            public void onCommunicationFailure(BinaryLogClient from, Exception e) {
                fail(e);
            }

            @Override
            public void onEventDeserializationFailure(BinaryLogClient from, Exception e) {
                fail(e);
                disconnect();
            }
        });
    }

    private static SSLMode sslMode(String url) {
        String option = url.replaceFirst("^[^?]*\\??", "").replaceFirst("^.*sslMode=", "");
        return switch (option.replaceFirst("&.*$", "")) {
            case "trust" -> SSLMode.REQUIRED;
            case "verify-ca" -> SSLMode.VERIFY_CA;
            case "verify-full" -> SSLMode.VERIFY_IDENTITY;
            default -> SSLMode.DISABLED;
        };
    }

    private void take(BinaryLogClient.EventListener listener, Event event) {
        if (failure.get() != null) {
            return;
        }
        if (calling.getAsBoolean()) {
            disconnect();
            return;
        }
        try {
            listener.onEvent(event);
        } catch (RuntimeException e) {
            fail(e);
            disconnect();
        }
    }

    private void fail(Throwable e) {
        failure.compareAndSet(null, e);
    }

    /// Reads until it is to end; the listener is called on this thread.
    ///
    /// @throws SourceProblem where the server does not hold the log from the position on
    void run() throws IOException {
        client.connect();
        if (failure.get() == null && calling.getAsBoolean()) {
            return;
        }
        switch (failure.get()) {
            case null -> throw new IOException("The server ended the connection of source " + source.name());
            case ServerException e
            when e.getErrorCode() == CANNOT_READ_LOG -> throw lost(String.valueOf(e.getMessage()));
            case RuntimeException e -> throw e;
            case Throwable e -> throw new IOException("The binary log of source " + source.name() + " broke off", e);
        }
    }

    private SourceProblem lost(String reason) {
        return new SourceProblem(
                IngestError.CAPTURE_BINLOG_LOST,
                "The server of source " + source.name() + " can not send its binary log from " + from.text() + ": "
                        + reason,
                repair(source));
    }

    /// What an operator does where log is lost.
    static String repair(BinlogSource source) {
        return "./levada source repair " + source.name()
                + " begins anew at the end of the log and loads all its tables";
    }

    void disconnect() {
        try {
            client.disconnect();
        } catch (IOException _) {
            // It is broken already.
        }
    }
}
