package io.levada.definition;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/// Reads one YAML document into nodes. Doubled keys, aliases and further documents are problems, since each of them
/// would otherwise drop something silently.
final class YamlTree {
    private final Problems problems;

    private YamlTree(Problems problems) {
        this.problems = problems;
    }

    /// @return the document's mapping; empty where there is none, with the reason in `problems`
    static Optional<YamlNode.Mapping> parse(String text, Problems problems) {
        YamlTree tree = new YamlTree(problems);
        try (JsonParser parser = YAMLFactory.builder().build().createParser(ObjectReadContext.empty(), text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                problems.add(DefinitionCode.YAML_SYNTAX, 1, "", "The file is empty. Declare at least `sources:`.");
                return Optional.empty();
            }
            YamlNode root = tree.node(parser, first, "");
            if (parser.nextToken() != null) {
                problems.add(
                        DefinitionCode.YAML_SYNTAX,
                        line(parser),
                        "",
                        "A second YAML document starts here. One file holds one pipeline: remove the `---`.");
            }
            if (root instanceof YamlNode.Mapping mapping) {
                return Optional.of(mapping);
            }
            problems.add(
                    DefinitionCode.WRONG_SHAPE,
                    root.line(),
                    "",
                    "The file is " + root.kind() + "; it must be a mapping with keys such as `sources:`.");
        } catch (JacksonException e) {
            syntax(text, e, problems);
        }
        return Optional.empty();
    }

    private YamlNode node(JsonParser parser, JsonToken token, String path) {
        int line = line(parser);
        if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
            problems.add(
                    DefinitionCode.YAML_SYNTAX,
                    line,
                    path,
                    "Aliases (`*name`) are not read. Write the value out here.");
        }
        return switch (token) {
            case START_OBJECT -> mapping(parser, path, line);
            case START_ARRAY -> {
                List<YamlNode> elements = new ArrayList<>();
                for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                    elements.add(node(parser, next, path + "[" + elements.size() + "]"));
                }
                yield new YamlNode.Sequence(elements, line);
            }
            case VALUE_NULL -> new YamlNode.Scalar("", line);
            default -> new YamlNode.Scalar(parser.getString(), line);
        };
    }

    private YamlNode mapping(JsonParser parser, String path, int line) {
        Map<String, YamlNode> entries = new LinkedHashMap<>();
        for (JsonToken next = parser.nextToken(); next != JsonToken.END_OBJECT; next = parser.nextToken()) {
            String key = parser.currentName();
            int keyLine = line(parser);
            String childPath = path.isEmpty() ? key : path + "." + key;
            YamlNode value = node(parser, parser.nextToken(), childPath);
            YamlNode earlier = entries.putIfAbsent(key, value);
            if (earlier != null) {
                problems.add(
                        DefinitionCode.DUPLICATE_KEY,
                        keyLine,
                        childPath,
                        "The key stands twice, first at line " + earlier.line() + ". Keep one.");
            }
        }
        return new YamlNode.Mapping(entries, line);
    }

    /// The parser's own position is that of the last token before the error: the engine's mark says where that is.
    private static void syntax(String text, JacksonException e, Problems problems) {
        if (!(e.getCause() instanceof MarkedYamlEngineException marked)
                || marked.getProblemMark().isEmpty()) {
            int line = e.getLocation() == null ? 0 : Math.max(e.getLocation().getLineNr(), 0);
            problems.add(DefinitionCode.YAML_SYNTAX, line, "", "Not YAML: " + firstLines(e.getOriginalMessage()));
            return;
        }
        Mark found = marked.getProblemMark().get();
        Mark began = marked.getContextMark().orElse(found);
        // What the file's end cuts off is mended where it began.
        Mark at = found.getIndex() < text.stripTrailing().length() ? found : began;
        String context = marked.getContext() == null ? "" : marked.getContext();
        String start = began.getLine() == at.getLine() || context.isEmpty()
                ? ""
                : " that starts in line " + (began.getLine() + 1);
        problems.add(
                DefinitionCode.YAML_SYNTAX,
                at.getLine() + 1,
                "",
                "Not YAML, at column " + (at.getColumn() + 1) + ": " + context + start + (context.isEmpty() ? "" : ", ")
                        + marked.getProblem());
    }

    private static int line(JsonParser parser) {
        return Math.max(parser.currentTokenLocation().getLineNr(), 1);
    }

    private static String firstLines(String message) {
        return message.lines()
                .limit(3)
                .map(String::strip)
                .reduce((a, b) -> a + ", " + b)
                .orElse("unreadable");
    }
}
