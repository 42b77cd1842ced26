package io.levada.events;

import java.time.Instant;

/// A complete file was found in a watched folder and numbered.
///
/// @param file identity and number
/// @param arrivedAt when it was found complete
/// @param format `csv`, `json` or `parquet`
public record FileArrived(FileIdentity file, long bytes, Instant arrivedAt, String format) {}
