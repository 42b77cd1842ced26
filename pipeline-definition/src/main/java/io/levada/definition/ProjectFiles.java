package io.levada.definition;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a project's files hold at one moment: `levada.yaml` and the SQL files that it names. Two of the same content
/// are equal, so that a change is seen whatever the file's time says.
///
/// @param texts by path; a file that is not there has none
public record ProjectFiles(Map<Path, String> texts) {
    public ProjectFiles {
        texts = Map.copyOf(texts);
    }

    /// Reads them. A file that can not be read counts as what is wrong with it.
    public static ProjectFiles of(Path directory) {
        Map<Path, String> texts = new LinkedHashMap<>();
        Path absolute = directory.toAbsolutePath().normalize();
        Path definition = absolute.resolve(Problems.DEFINITION_FILE);
        text(definition).ifPresent(yaml -> {
            texts.put(definition, yaml);
            List<String> names = new ArrayList<>();
            YamlTree.parse(yaml, new Problems()).ifPresent(tree -> collect(tree, names));
            names.forEach(name ->
                    inside(absolute, name).ifPresent(path -> text(path).ifPresent(sql -> texts.put(path, sql))));
        });
        return new ProjectFiles(texts);
    }

    private static void collect(YamlNode node, List<String> names) {
        switch (node) {
            case YamlNode.Mapping(Map<String, YamlNode> entries, int _) ->
                entries.forEach((key, value) -> {
                    if (key.equals("sql") && value instanceof YamlNode.Scalar(String name, int _)) {
                        names.add(name);
                    } else {
                        collect(value, names);
                    }
                });
            case YamlNode.Sequence(List<YamlNode> elements, int _) ->
                elements.forEach(element -> collect(element, names));
            case YamlNode.Scalar _ -> {}
        }
    }

    private static Optional<Path> inside(Path directory, String name) {
        try {
            return Optional.of(directory.resolve(name).normalize()).filter(path -> path.startsWith(directory));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> text(Path file) {
        try {
            return Files.isRegularFile(file) ? Optional.of(Files.readString(file)) : Optional.empty();
        } catch (IOException e) {
            return Optional.of(e.toString());
        }
    }
}
