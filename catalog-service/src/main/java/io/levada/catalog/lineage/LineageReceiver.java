package io.levada.catalog.lineage;

import io.levada.catalog.lineage.RunEvents.RunEvent;
import java.io.IOException;

/// Who is told: a server or a topic.
interface LineageReceiver extends AutoCloseable {
    /// What became of an event.
    sealed interface Outcome {
        /// It is the receiver's now.
        record Taken() implements Outcome {}

        /// The receiver says that the event itself is invalid.
        record Refused(String reason) implements Outcome {}
    }

    /// Tells once.
    ///
    /// @throws IOException where the receiver does not answer, or can not take it now
    Outcome tell(RunEvent event) throws IOException, InterruptedException;

    /// The URL or topic, for people.
    String target();

    @Override
    void close();
}
