package io.levada.catalog;

import org.jspecify.annotations.Nullable;

/// How far those who are told of lineage are behind.
///
/// @param target the URL or the topic
/// @param lag announcements that are not told yet; negative where Kafka does not tell
/// @param told events that were taken since the service started
/// @param refused events that the receiver called invalid, which were passed over
/// @param trouble why nothing is told now, or null
public record LineageReport(
        String target,
        long lag,
        long told,
        long refused,
        @Nullable String trouble) {
    /// Whoever can say it.
    @FunctionalInterface
    public interface Progress {
        /// Null where nobody is told.
        @Nullable
        LineageReport report();
    }
}
