package io.levada.local;

import io.levada.definition.DefinitionOutcome;
import io.levada.definition.DefinitionReader;
import io.levada.definition.PipelineDefinition;
import io.levada.definition.Problem;
import io.levada.definition.SelectInspector;
import io.levada.sql.SelectGate;
import io.levada.sql.SelectVerdict;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Reads a project directory, with DuckDB's parser for its SQL files.
final class ProjectReader {
    private final Function<String, @Nullable String> environment;

    ProjectReader(Function<String, @Nullable String> environment) {
        this.environment = environment;
    }

    /// @throws LocalException with all problems, where the definition is wrong
    PipelineDefinition read(Path directory) {
        return switch (outcome(directory)) {
            case DefinitionOutcome.Valid(PipelineDefinition definition) -> definition;
            case DefinitionOutcome.Invalid(List<Problem> problems) -> throw wrong(directory, problems);
        };
    }

    DefinitionOutcome outcome(Path directory) {
        try (SelectGate gate = SelectGate.open()) {
            SelectInspector inspector = sql -> switch (gate.inspect(sql)) {
                case SelectVerdict.Accepted accepted ->
                    new SelectInspector.Inspection.Select(
                            accepted.tables(), !accepted.past().isEmpty());
                case SelectVerdict.Refused refused -> new SelectInspector.Inspection.Refused(refused.reason());
            };
            return DefinitionReader.read(directory, environment, inspector);
        } catch (SQLException e) {
            throw new LocalException(
                    LocalError.START_FAILED, "DuckDB does not start: " + e.getMessage(), "Report this as a fault", e);
        }
    }

    private static LocalException wrong(Path directory, List<Problem> problems) {
        String list = problems.stream().map(problem -> "\n  " + problem).collect(Collectors.joining());
        return new LocalException(
                LocalError.DEFINITION,
                "The definition in " + directory + " has " + problems.size()
                        + (problems.size() == 1 ? " problem:" : " problems:") + list,
                "Mend them and run the command again; nothing was started");
    }
}
