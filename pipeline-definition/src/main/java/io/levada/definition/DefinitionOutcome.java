package io.levada.definition;

import java.util.List;
import java.util.stream.Collectors;

/// What reading a project directory came to.
public sealed interface DefinitionOutcome {
    record Valid(PipelineDefinition definition) implements DefinitionOutcome {}

    /// @param problems all of them, in the order of the file; never empty
    record Invalid(List<Problem> problems) implements DefinitionOutcome {
        public Invalid {
            problems = List.copyOf(problems);
        }
    }

    /// The definition, for a process that can not go on without one.
    ///
    /// @throws IllegalStateException with all problems, one a line
    default PipelineDefinition orThrow() {
        return switch (this) {
            case Valid(PipelineDefinition definition) -> definition;
            case Invalid(List<Problem> problems) ->
                throw new IllegalStateException(
                        problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        };
    }
}
