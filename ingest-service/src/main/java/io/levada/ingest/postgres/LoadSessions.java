package io.levada.ingest.postgres;

import io.levada.ingest.capture.CapturePosition;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Opens snapshots for loads.
///
/// The first is that of the source's own slot, from which the stream begins. Later ones come with a slot made for
/// them: it has a snapshot of exactly the transactions before one point, and [SnapshotPlaces] says where that is in
/// the stream.
final class LoadSessions implements AutoCloseable {
    private static final int MOST_ATTEMPTS = 50;

    private final PostgresServer server;
    private final PostgresPlan plan;
    private final SnapshotPlaces places;
    private volatile boolean closed;
    private volatile @Nullable Connection opening;

    LoadSessions(PostgresServer server, PostgresPlan plan, SnapshotPlaces places) {
        this.server = server;
        this.plan = plan;
        this.places = places;
    }

    /// Waits for the transactions that are open at the source, and for the stream.
    ///
    /// @throws InterruptedException when closed
    LoadSession open() throws SQLException, InterruptedException {
        Optional<LoadSnapshot> first = plan.takeSnapshot(server);
        if (first.isPresent()) {
            return new LoadSession(
                    first.get(),
                    new SnapshotPlaces.Place(
                            CapturePosition.startingAt(first.get().lsn()).pos(), Map.of()));
        }
        // A snapshot holds back the source's vacuum, so the stream comes near first.
        String near = "load-" + UUID.randomUUID();
        CompletableFuture<Optional<SnapshotPlaces.Place>> passed = places.passed(near);
        emit(near);
        await(passed);
        for (int i = 0; i < MOST_ATTEMPTS; i++) {
            Optional<LoadSession> session = attempt();
            if (session.isPresent()) {
                return session.get();
            }
        }
        throw new IllegalStateException("The stream was past every snapshot before its place was known");
    }

    private Optional<LoadSession> attempt() throws SQLException, InterruptedException {
        LoadSnapshot snapshot;
        try (Connection replication = server.connectForReplication()) {
            opening = replication;
            snapshot = LoadSnapshot.of(server, server.slots().createPassing(replication));
        } finally {
            opening = null;
        }
        Optional<SnapshotPlaces.Place> place = Optional.empty();
        try {
            String message = "load-" + UUID.randomUUID();
            CompletableFuture<Optional<SnapshotPlaces.Place>> found =
                    places.find(PgSnapshot.of(snapshot.visible()), snapshot.lsn(), message);
            emit(message);
            place = await(found);
            return place.map(at -> new LoadSession(snapshot, at));
        } finally {
            if (place.isEmpty()) {
                snapshot.close();
            }
        }
    }

    private void emit(String message) throws SQLException {
        try (Connection connection = server.connect()) {
            server.emitMessage(connection, PostgresLog.MESSAGE_PREFIX, message);
        }
    }

    private Optional<SnapshotPlaces.Place> await(CompletableFuture<Optional<SnapshotPlaces.Place>> answer)
            throws InterruptedException {
        while (!closed) {
            try {
                return answer.get(200, TimeUnit.MILLISECONDS);
            } catch (TimeoutException _) {
                // Looks whether it was closed meanwhile.
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            }
        }
        throw new InterruptedException("Closed");
    }

    @Override
    public void close() {
        closed = true;
        Connection waiting = opening;
        if (waiting != null) {
            try {
                waiting.abort(Runnable::run);
            } catch (SQLException _) {
                // It is broken already.
            }
        }
    }
}
