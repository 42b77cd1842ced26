package io.levada.catalog.database;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.jdbc.UncheckedInterruptedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How often, and after which pauses, the catalog's database is asked again about one change.
final class Patience {
    private static final Logger LOG = LoggerFactory.getLogger(Patience.class);
    private static final int TRIES = 5;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);

    private final Object subject;
    private int tries;

    /// @param subject of the change, for the log
    Patience(Object subject) {
        this.subject = subject;
    }

    /// Whether a try had no answer.
    boolean isTried() {
        return tries > 0;
    }

    /// Waits before another try.
    ///
    /// @return false where it has been tried often enough
    boolean pause(Exception failure) {
        tries++;
        LOG.atWarn()
                .addKeyValue("table", subject)
                .addKeyValue("tries", tries)
                .setCause(failure)
                .log("The catalog's database gave no answer to a change");
        if (tries >= TRIES) {
            return false;
        }
        try {
            long most = FIRST_PAUSE.toMillis() << tries;
            Thread.sleep(ThreadLocalRandom.current().nextLong(most / 2, most));
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommitStateUnknownException(new UncheckedInterruptedException(e, "Interrupted during a change"));
        }
    }
}
