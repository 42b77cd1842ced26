package io.levada.definition;

import java.time.Duration;

/// Parquet files that lie elsewhere, as one table, looked at again and again.
///
/// @param location absolute folder, or `s3://bucket/prefix`
/// @param table `raw.<name>`
/// @param every how long it is from one look to the next
public record CrawlDefinition(String name, String location, String table, Duration every) {
    static final Duration DEFAULT_EVERY = Duration.ofMinutes(15);
}
