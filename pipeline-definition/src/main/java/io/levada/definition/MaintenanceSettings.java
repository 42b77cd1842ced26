package io.levada.definition;

import java.time.Duration;

/// How tables are kept small and clean.
///
/// @param enabled whether that happens by itself, every `interval`; asked for, it happens in any case
public record MaintenanceSettings(
        boolean enabled, Duration interval, Compaction compaction, Snapshots snapshots, Orphans orphans) {
    public static final MaintenanceSettings DEFAULT = new MaintenanceSettings(
            true,
            Duration.ofHours(1),
            new Compaction(128L << 20, 5),
            new Snapshots(Duration.ofDays(5), 10, Duration.ofDays(30), 1_000),
            new Orphans(Duration.ofDays(3)));

    /// @param targetFileBytes size of the files that small ones are made into
    /// @param minInputFiles so many small files of a partition are rewritten
    public record Compaction(long targetFileBytes, int minInputFiles) {}

    /// @param maxAge younger snapshots are kept
    /// @param minToKeep so many of a table's newest snapshots are kept, whatever their age
    /// @param maxConsumerLag a snapshot that a derived table follows from is kept up to this age
    /// @param maxToKeep of more than so many that are kept for their age some go: the newer half stays, and all of
    ///     the last hour, the others are spread evenly over the time before
    public record Snapshots(Duration maxAge, int minToKeep, Duration maxConsumerLag, int maxToKeep) {}

    /// @param olderThan files that nobody names are deleted at this age
    public record Orphans(Duration olderThan) {}
}
