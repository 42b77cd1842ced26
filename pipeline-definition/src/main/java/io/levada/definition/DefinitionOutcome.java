package io.levada.definition;

import java.util.List;

/// What reading a project directory came to.
public sealed interface DefinitionOutcome {
    record Valid(PipelineDefinition definition) implements DefinitionOutcome {}

    /// @param problems all of them, in the order of the file; never empty
    record Invalid(List<Problem> problems) implements DefinitionOutcome {
        public Invalid {
            problems = List.copyOf(problems);
        }
    }
}
