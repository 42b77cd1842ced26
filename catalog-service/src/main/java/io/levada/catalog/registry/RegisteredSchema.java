package io.levada.catalog.registry;

/// A version of a subject.
///
/// @param schema its text
record RegisteredSchema(String subject, int version, int id, String schema) {}
