package io.levada.local;

import io.levada.definition.DefinitionOutcome;
import io.levada.definition.PipelineDefinition;
import io.levada.definition.ProjectFiles;
import java.nio.file.Path;
import java.util.Optional;

/// Reads a project, and again whenever its files hold something else. Files that are still being written are left
/// alone: what is read was the same at two looks.
///
/// Used by one thread.
final class ProjectWatch {
    private final Path directory;
    private final ProjectReader reader;
    private ProjectFiles read;
    private ProjectFiles seen;

    ProjectWatch(Path directory, ProjectReader reader) {
        this.directory = directory;
        this.reader = reader;
        this.read = ProjectFiles.of(directory);
        this.seen = read;
    }

    Path directory() {
        return directory;
    }

    /// The definition to start with.
    ///
    /// @throws LocalException with all problems, where the definition is wrong
    PipelineDefinition definition() {
        return reader.read(directory);
    }

    /// What the files say; empty where they are as they were when they were last read, or are still being written.
    Optional<DefinitionOutcome> look() {
        ProjectFiles now = ProjectFiles.of(directory);
        boolean settled = now.equals(seen);
        seen = now;
        if (!settled || now.equals(read)) {
            return Optional.empty();
        }
        DefinitionOutcome outcome = reader.outcome(directory);
        if (!ProjectFiles.of(directory).equals(now)) {
            return Optional.empty();
        }
        read = now;
        return Optional.of(outcome);
    }
}
