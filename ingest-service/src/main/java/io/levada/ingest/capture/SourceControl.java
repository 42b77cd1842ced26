package io.levada.ingest.capture;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What operators said of a source, as its positions topic keeps it.
///
/// @param stopped why the source rests, or null where it runs
/// @param since when it was stopped
/// @param dropped whether its slot and publication were removed on purpose
/// @param gaps parts of the log that were lost, oldest first
public record SourceControl(
        @Nullable StopCause stopped, @Nullable Instant since, boolean dropped, List<Gap> gaps) {
    static final SourceControl RUNNING = new SourceControl(null, null, false, List.of());

    public SourceControl {
        gaps = List.copyOf(gaps);
    }

    /// Log that no table of the source has the changes of; their outcome is in the loads made since.
    ///
    /// @param from the last position that was captured
    /// @param to the position at which capture began anew
    record Gap(String from, String to, Instant at) {
        String text() {
            return "Changes between " + from + " and " + to + " are missing in raw since the repair of " + at
                    + "; stage is exact again with the loads made since";
        }
    }

    SourceControl stop(StopCause cause) {
        return new SourceControl(cause, Instant.now(), dropped, gaps);
    }

    SourceControl drop(StopCause cause) {
        return new SourceControl(cause, Instant.now(), true, gaps);
    }

    SourceControl run() {
        return new SourceControl(null, null, dropped, gaps);
    }

    SourceControl repaired(Gap gap) {
        List<Gap> all = new ArrayList<>(gaps);
        all.add(gap);
        return new SourceControl(null, null, false, all);
    }
}
