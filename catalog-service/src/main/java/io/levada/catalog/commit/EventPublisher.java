package io.levada.catalog.commit;

import io.levada.events.FilesRefused;
import io.levada.events.TableCommitted;

/// Where the committer's events go. Returns once the event is durable.
interface EventPublisher {
    void publish(TableCommitted event);

    void publish(FilesRefused event);
}
