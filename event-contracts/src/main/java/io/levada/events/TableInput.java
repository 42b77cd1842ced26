package io.levada.events;

import org.jspecify.annotations.Nullable;

/// One input of a derived table: the result follows from the input's state `to`; the table's state before it followed
/// from `from`.
///
/// @param from the input's snapshot that the table stored before, or null at first
/// @param to the input's snapshot that this result is computed from
public record TableInput(String table, @Nullable Long from, long to) {}
