package io.levada.transform.derived;

import io.levada.events.FilesRefused;
import io.levada.events.FilesWritten;
import io.levada.transform.TestLake;
import io.levada.transform.TransformError;
import io.levada.transform.TransformException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// Takes offers as Kafka and the committer would, or as they would on a bad day.
final class TestCommitter implements Offers {
    enum Mode {
        COMMIT,
        HOLD,
        LOSE,
        UNAVAILABLE,
        REFUSE_ONCE,
        REFUSE_FINALLY
    }

    private final TestLake lake;
    private final List<FilesWritten> offered = new CopyOnWriteArrayList<>();
    private volatile Mode mode = Mode.COMMIT;
    private volatile @Nullable TransformLoop loop;

    TestCommitter(TestLake lake) {
        this.lake = lake;
    }

    void tell(TransformLoop listener) {
        loop = listener;
    }

    void mode(Mode next) {
        mode = next;
    }

    List<FilesWritten> offered() {
        return offered;
    }

    List<FilesWritten> offered(String table) {
        return offered.stream().filter(event -> event.table().equals(table)).toList();
    }

    @Override
    public void send(FilesWritten event) {
        TransformLoop listener = Objects.requireNonNull(loop);
        switch (mode) {
            case UNAVAILABLE -> throw new TransformException(TransformError.KAFKA_UNAVAILABLE, "Kafka is away");
            case HOLD, LOSE -> offered.add(event);
            case COMMIT -> {
                offered.add(event);
                lake.commit(event);
                listener.committed(event.table());
            }
            case REFUSE_ONCE -> {
                offered.add(event);
                mode = Mode.COMMIT;
                listener.refused(refusal(event, true));
            }
            case REFUSE_FINALLY -> {
                offered.add(event);
                listener.refused(refusal(event, false));
            }
        }
    }

    private static FilesRefused refusal(FilesWritten event, boolean retryable) {
        return new FilesRefused(event.id(), event.table(), event.cause(), "SOME_CODE", "some reason", retryable);
    }

    @Override
    public void close() {}
}
