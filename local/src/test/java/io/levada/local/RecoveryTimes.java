package io.levada.local;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// What a campaign of faults came to, as a table.
final class RecoveryTimes {
    private final Map<Fault, List<Faults.Outcome>> outcomes = new EnumMap<>(Fault.class);
    private final Map<Fault, Integer> hitAtWork = new EnumMap<>(Fault.class);
    private final Map<Fault, Long> changesInFlight = new EnumMap<>(Fault.class);

    void add(Faults.Outcome outcome) {
        outcomes.computeIfAbsent(outcome.fault(), _ -> new ArrayList<>()).add(outcome);
    }

    /// Notes how many changes were committed at the source and not yet taken by landing when a fault struck.
    void inFlight(Faults.Outcome outcome, long changes) {
        changesInFlight.merge(outcome.fault(), changes, Long::sum);
        if (changes > 0 || !outcome.inFlight().isEmpty()) {
            hitAtWork.merge(outcome.fault(), 1, Integer::sum);
        }
    }

    List<Faults.Outcome> outcomes() {
        return outcomes.values().stream().flatMap(List::stream).toList();
    }

    /// The kinds of faults that hit while work was in flight.
    Set<Fault> hitAtWork() {
        return hitAtWork.isEmpty() ? EnumSet.noneOf(Fault.class) : EnumSet.copyOf(hitAtWork.keySet());
    }

    String table() {
        StringBuilder table = new StringBuilder(
                "| fault | times | hit work in flight | changes in flight | phases in flight | median s | p95 s | slowest s |\n"
                        + "|---|---|---|---|---|---|---|---|\n");
        outcomes.forEach((fault, all) -> {
            List<Duration> sorted =
                    all.stream().map(Faults.Outcome::recovery).sorted().toList();
            Set<Phase> phases = EnumSet.noneOf(Phase.class);
            all.forEach(outcome -> phases.addAll(outcome.inFlight()));
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %d | %d | %d | %s | %.1f | %.1f | %.1f |%n",
                    fault,
                    all.size(),
                    hitAtWork.getOrDefault(fault, 0),
                    changesInFlight.getOrDefault(fault, 0L),
                    phases.toString().replaceAll("[\\[\\]]", ""),
                    seconds(sorted, 0.5),
                    seconds(sorted, 0.95),
                    seconds(sorted, 1)));
        });
        return table.toString();
    }

    private static double seconds(List<Duration> sorted, double share) {
        int rank = (int) Math.ceil(share * sorted.size());
        return sorted.get(Math.max(0, rank - 1)).toMillis() / 1000.0;
    }
}
