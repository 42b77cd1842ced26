package io.levada.local;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/// Lines on the console while something long runs: at most one every few seconds, and only when there is something new.
///
/// Used by one thread.
final class Progress {
    private static final Duration INTERVAL = Duration.ofSeconds(3);

    private final PrintStream out;
    private final long start = System.nanoTime();
    private long shownAt = start;
    private String shown = "";

    Progress(PrintStream out) {
        this.out = out;
    }

    void say(String line) {
        out.println(String.format(Locale.ROOT, "[%4.0f s] %s", seconds(), line));
        shownAt = System.nanoTime();
    }

    void show(PipelineStatus status) {
        String line = status.line();
        if (System.nanoTime() - shownAt >= INTERVAL.toNanos() && !line.equals(shown)) {
            say(line);
            shown = line;
        }
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
