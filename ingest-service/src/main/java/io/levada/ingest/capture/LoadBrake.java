package io.levada.ingest.capture;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/// Holds loads up between steps while the source has trouble keeping pace.
///
/// A step is held up for so long at most: what stands in the way may have nothing to do with the load.
public final class LoadBrake {
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final Duration longest;
    private final Duration look;

    public LoadBrake() {
        this(LONGEST, LOOK);
    }

    LoadBrake(Duration longest, Duration look) {
        this.longest = longest;
        this.look = look;
    }

    /// Looks at the source.
    @FunctionalInterface
    public interface Trouble {
        /// Why a step is to wait, in words; empty where the source keeps pace.
        Optional<String> reason() throws SQLException;
    }

    /// Waits while there is trouble.
    ///
    /// @param waiting is told the reason at each look
    public void await(Trouble trouble, Consumer<String> waiting) throws SQLException, InterruptedException {
        long deadline = System.nanoTime() + longest.toNanos();
        Optional<String> reason = trouble.reason();
        while (reason.isPresent() && System.nanoTime() < deadline) {
            waiting.accept(reason.get());
            Thread.sleep(look);
            reason = trouble.reason();
        }
    }
}
