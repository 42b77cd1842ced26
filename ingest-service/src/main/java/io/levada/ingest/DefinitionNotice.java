package io.levada.ingest;

import java.util.Optional;

/// What status says of a definition that differs from the one that runs.
@FunctionalInterface
public interface DefinitionNotice {
    /// In words, with the next step; empty where what runs is what `levada.yaml` says.
    Optional<String> difference();
}
