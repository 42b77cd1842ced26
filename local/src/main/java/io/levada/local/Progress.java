package io.levada.local;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/// Lines on the console while something long runs: at most one every few seconds, and only when there is something new.
///
/// Used by one thread; others may [#say] something.
final class Progress {
    private static final Duration INTERVAL = Duration.ofSeconds(3);
    /// Once everything has passed for the first time, changes are the usual thing.
    private static final Duration CALM_INTERVAL = Duration.ofSeconds(60);

    private final PrintStream out;
    private final long start = System.nanoTime();
    private long shownAt = start;
    private String shown = "";
    private boolean calm;

    Progress(PrintStream out) {
        this.out = out;
    }

    synchronized void say(String line) {
        out.println(String.format(Locale.ROOT, "[%4.0f s] %s", seconds(), line));
        shownAt = System.nanoTime();
    }

    synchronized void show(PipelineStatus status) {
        String line = status.line();
        Duration interval = calm ? CALM_INTERVAL : INTERVAL;
        if (System.nanoTime() - shownAt >= interval.toNanos() && !line.equals(shown)) {
            say(line);
            shown = line;
        }
        boolean smooth = status.stops().isEmpty() && status.retries().isEmpty();
        calm = smooth && (calm || (status.curated() && status.loaded() && !status.loading()));
    }

    double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    /// The table that ends a run with `--once`.
    void summary(PipelineStatus status) {
        TextTable table = new TextTable("table", "rows");
        status.tableRows().forEach((name, rows) -> table.row(name, String.format(Locale.ROOT, "%,d", rows)));
        status.warehouseRows()
                .forEach((name, rows) -> table.row("warehouse " + name, String.format(Locale.ROOT, "%,d", rows)));
        out.println();
        out.print(table);
        out.println(String.format(Locale.ROOT, "Everything has passed every stage, in %.1f s.", seconds()));
    }
}
