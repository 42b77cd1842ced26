package io.levada.catalog.registry;

/// A version of a subject.
///
/// @param schema its text
/// @param deleted whether it is hidden: what was written with it is still read
record RegisteredSchema(String subject, int version, int id, String schema, boolean deleted) {}
