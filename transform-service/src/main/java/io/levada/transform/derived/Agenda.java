package io.levada.transform.derived;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Which table is to be looked at when. Hints come from any thread, one thread takes.
final class Agenda {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final TransformTiming timing;
    private final Map<String, DerivedTable> tables = new LinkedHashMap<>();
    private final Map<String, Long> due = new LinkedHashMap<>();
    private final Map<String, Long> hintedSince = new HashMap<>();
    private boolean closed;

    /// @param tables in the order of dependency; each is due at once
    Agenda(List<DerivedTable> tables, TransformTiming timing) {
        this.timing = timing;
        long now = System.nanoTime();
        for (DerivedTable table : tables) {
            this.tables.put(table.name(), table);
            due.put(table.name(), now);
        }
    }

    /// A table was committed to: those computed from it are due once it is quiet, itself is due now.
    void committed(String name) {
        change(() -> {
            long now = System.nanoTime();
            for (DerivedTable table : tables.values()) {
                if (table.inputs().contains(name)) {
                    long first = hintedSince.computeIfAbsent(table.name(), _ -> now);
                    long latest = first + timing.longestDelay().toNanos();
                    long quiet = now + timing.quiet().toNanos();
                    due.put(table.name(), quiet - latest < 0 ? quiet : latest);
                }
            }
            if (tables.containsKey(name)) {
                due.put(name, now);
            }
        });
    }

    void now(String name) {
        change(() -> due.computeIfPresent(name, (_, _) -> System.nanoTime()));
    }

    void everything() {
        change(() -> due.replaceAll((_, _) -> System.nanoTime()));
    }

    /// Sets the next look at a table, unless a hint has set an earlier one meanwhile.
    void after(String name, Duration wait) {
        change(() -> {
            long wanted = System.nanoTime() + wait.toNanos();
            boolean hinted = hintedSince.containsKey(name);
            due.compute(name, (_, old) -> hinted && old != null && old - wanted < 0 ? old : Long.valueOf(wanted));
        });
    }

    /// The table that is due the longest; waits for one.
    ///
    /// @return empty once the agenda is closed
    Optional<String> take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed) {
                long now = System.nanoTime();
                String first = null;
                long firstDue = 0;
                for (Map.Entry<String, Long> entry : due.entrySet()) {
                    if (first == null || entry.getValue() - firstDue < 0) {
                        first = entry.getKey();
                        firstDue = entry.getValue();
                    }
                }
                if (first != null && firstDue - now <= 0) {
                    hintedSince.remove(first);
                    due.put(first, now + timing.look().toNanos());
                    return Optional.of(first);
                }
                if (changed.await(first == null ? 1_000_000_000L : firstDue - now, TimeUnit.NANOSECONDS)) {
                    continue;
                }
            }
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    void close() {
        change(() -> closed = true);
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
