package io.levada.ingest.capture;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.connect.runtime.WorkerConfig;
import org.apache.kafka.connect.storage.OffsetBackingStore;
import org.apache.kafka.connect.util.Callback;
import org.jspecify.annotations.Nullable;

/// Debezium's offset store, which tells the position that is committed and stores nothing.
///
/// [ChangePublisher] commits a position in the transaction of its changes before the engine knows of it, so
/// nothing is left to write when the engine flushes. The engine makes the store itself, by its class name;
/// [#ENGINE] hands it the publisher of the engine that runs on the thread.
public final class CommittedOffsetStore implements OffsetBackingStore {
    /// Bound around the engine's run.
    static final ScopedValue<ChangePublisher> ENGINE = ScopedValue.newInstance();

    private final ChangePublisher publisher = ENGINE.get();

    @Override
    public void configure(WorkerConfig config) {
        // The publisher has what it needs.
    }

    @Override
    public void start() {
        // The publisher is open already.
    }

    @Override
    public void stop() {
        // The publisher is closed by the capture that opened it.
    }

    @Override
    public Future<Map<ByteBuffer, ByteBuffer>> get(Collection<ByteBuffer> keys) {
        byte[] offset = publisher.debeziumOffset().getBytes(StandardCharsets.UTF_8);
        Map<ByteBuffer, ByteBuffer> offsets = new HashMap<>();
        keys.forEach(key -> offsets.put(key, ByteBuffer.wrap(offset)));
        return CompletableFuture.completedFuture(offsets);
    }

    @Override
    public Future<Void> set(Map<ByteBuffer, ByteBuffer> values, @Nullable Callback<Void> callback) {
        if (callback != null) {
            callback.onCompletion(null, null);
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Set<Map<String, Object>> connectorPartitions(String connectorName) {
        return Set.of();
    }
}
