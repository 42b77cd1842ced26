package io.levada.ingest;

import io.levada.definition.PipelineDefinition;

/// The sources that are taken in now. Their definition can be exchanged while the service runs.
public interface RunningSources {
    /// Takes another definition over: sources that both say alike go on undisturbed, and what differs is closed and
    /// started anew.
    ///
    /// Where it fails because Kafka or the catalog is away, what ran goes on; after any other trouble nothing
    /// runs until the next call.
    ///
    /// @param next of the same project and lake
    void replace(PipelineDefinition next);
}
