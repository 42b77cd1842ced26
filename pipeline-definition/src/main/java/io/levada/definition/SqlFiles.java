package io.levada.definition;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/// Reads the SQL files of a project: inside its directory, one SELECT each.
final class SqlFiles {
    private final Path directory;
    private final Problems problems;
    private final SelectInspector inspector;

    /// One SELECT.
    ///
    /// @param inputs tables that it reads
    /// @param ofPast whether it reads one of them as it was
    record Select(String sql, Set<String> inputs, boolean ofPast, Section.Text file) {}

    SqlFiles(Path directory, Problems problems, SelectInspector inspector) {
        this.directory = directory;
        this.problems = problems;
        this.inspector = inspector;
    }

    /// The SELECT in the file that `sql:` of a section names; empty where there is none, with the reason in the
    /// problems.
    Optional<Select> read(Section section) {
        Optional<Section.Text> file = section.requiredText("sql", "a file with one SELECT");
        return file.flatMap(this::text).flatMap(sql -> inspected(file.get(), sql));
    }

    private Optional<Select> inspected(Section.Text file, String sql) {
        return switch (inspector.inspect(sql)) {
            case SelectInspector.Inspection.Select(Set<String> tables, boolean ofPast) ->
                Optional.of(new Select(sql, tables, ofPast, file));
            case SelectInspector.Inspection.Refused(String reason) -> {
                problems.addInFile(
                        DefinitionCode.SQL_REFUSED,
                        file.written(),
                        file.line(),
                        file.path(),
                        "The file must hold one SELECT that may be run: " + reason);
                yield Optional.empty();
            }
        };
    }

    private Optional<String> text(Section.Text file) {
        try {
            Path path = directory.resolve(file.value()).normalize();
            if (!path.startsWith(directory)) {
                outside(file);
                return Optional.empty();
            }
            if (!Files.isRegularFile(path)) {
                problems.add(
                        DefinitionCode.FILE_MISSING,
                        file.line(),
                        file.path(),
                        "There is no file `" + file.written()
                                + "` in the project directory. Write it, or correct the name.");
                return Optional.empty();
            }
            if (!path.toRealPath().startsWith(directory.toRealPath())) {
                outside(file);
                return Optional.empty();
            }
            return Optional.of(Files.readString(path));
        } catch (InvalidPathException e) {
            problems.add(DefinitionCode.BAD_VALUE, file.line(), file.path(), "`" + file.written() + "` is no path.");
        } catch (IOException e) {
            problems.add(
                    DefinitionCode.FILE_MISSING,
                    file.line(),
                    file.path(),
                    "The file `" + file.written() + "` can not be read as UTF-8 text: " + e);
        }
        return Optional.empty();
    }

    private void outside(Section.Text file) {
        problems.add(
                DefinitionCode.BAD_VALUE,
                file.line(),
                file.path(),
                "`" + file.written() + "` lies outside the project directory; SQL files must lie inside.");
    }
}
