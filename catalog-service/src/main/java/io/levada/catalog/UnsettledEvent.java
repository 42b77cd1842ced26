package io.levada.catalog;

import io.levada.events.FilesWritten;
import org.jspecify.annotations.Nullable;

/// An event that Kafka holds and that is neither committed nor refused yet.
///
/// @param table that it is for, as far as that can be told
/// @param event null where it can not be read
public record UnsettledEvent(String table, @Nullable FilesWritten event) {}
