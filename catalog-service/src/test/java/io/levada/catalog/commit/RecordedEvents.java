package io.levada.catalog.commit;

import io.levada.events.FilesRefused;
import io.levada.events.TableCommitted;
import java.util.ArrayList;
import java.util.List;

/// Keeps what is published.
final class RecordedEvents implements EventPublisher {
    private final List<TableCommitted> committed = new ArrayList<>();
    private final List<FilesRefused> refused = new ArrayList<>();

    @Override
    public synchronized void publish(TableCommitted event) {
        committed.add(event);
    }

    @Override
    public synchronized void publish(FilesRefused event) {
        refused.add(event);
    }

    synchronized List<TableCommitted> committed() {
        return List.copyOf(committed);
    }

    synchronized List<FilesRefused> refused() {
        return List.copyOf(refused);
    }
}
