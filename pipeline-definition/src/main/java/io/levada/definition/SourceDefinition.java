package io.levada.definition;

/// A place that changes come from.
public sealed interface SourceDefinition permits DatabaseSource, FileSource {
    String name();
}
