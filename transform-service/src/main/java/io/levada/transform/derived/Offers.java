package io.levada.transform.derived;

import io.levada.events.FilesWritten;
import io.levada.transform.TransformException;

/// Where results are offered for commit.
public interface Offers extends AutoCloseable {
    /// Returns once the event is durable. The same event may be sent again: the committer takes it once.
    ///
    /// @throws TransformException `KAFKA_UNAVAILABLE`: the event may be durable or not
    void send(FilesWritten event);

    @Override
    void close();
}
