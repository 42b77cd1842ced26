package io.levada.definition;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One mapping of the document. Reads texts with `${NAME}` replaced from the environment; wrong shapes read as
/// absent, since [KnownKeys] has reported them.
final class Section {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^}]*)}");
    private static final Pattern VARIABLE_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private final Context context;
    private final String path;
    private final YamlNode.Mapping node;

    /// What every section of one document shares.
    record Context(Problems problems, Function<String, @Nullable String> environment) {}

    /// A text of the document.
    ///
    /// @param value with the environment's values, possibly secret
    /// @param written as it stands in the file: what messages show
    record Text(String value, String written, String path, int line) {}

    Section(Context context, String path, YamlNode.Mapping node) {
        this.context = context;
        this.path = path;
        this.node = node;
    }

    int line() {
        return node.line();
    }

    String path() {
        return path;
    }

    boolean has(String key) {
        return node.entries().containsKey(key);
    }

    boolean isEmpty() {
        return node.entries().isEmpty();
    }

    boolean isMapping(String key) {
        return node.entries().get(key) instanceof YamlNode.Mapping;
    }

    boolean isEmptyList(String key) {
        return node.entries().get(key) instanceof YamlNode.Sequence sequence
                && sequence.elements().isEmpty();
    }

    /// The line of the value at `key`; the section's own where there is none.
    int lineOf(String key) {
        YamlNode value = node.entries().get(key);
        return value == null ? node.line() : value.line();
    }

    /// The section at `key`; an empty one where there is none.
    Section section(String key) {
        return node.entries().get(key) instanceof YamlNode.Mapping mapping
                ? new Section(context, pathOf(key), mapping)
                : new Section(context, pathOf(key), new YamlNode.Mapping(Map.of(), node.line()));
    }

    /// The sections below this one, by the names that the user chose.
    Map<String, Section> sections() {
        Map<String, Section> sections = new LinkedHashMap<>();
        node.entries().forEach((name, value) -> {
            if (value instanceof YamlNode.Mapping) {
                sections.put(name, section(name));
            }
        });
        return sections;
    }

    /// The texts below this one, by the names that the user chose.
    Map<String, Text> textsByName() {
        Map<String, Text> texts = new LinkedHashMap<>();
        for (String name : node.entries().keySet()) {
            text(name).ifPresent(text -> texts.put(name, text));
        }
        return texts;
    }

    Optional<Text> text(String key) {
        return node.entries().get(key) instanceof YamlNode.Scalar scalar
                        && !scalar.text().isEmpty()
                ? resolved(scalar, pathOf(key))
                : Optional.empty();
    }

    /// The text at `key`, whose absence is a problem.
    Optional<Text> requiredText(String key, String allowed) {
        boolean empty = !has(key)
                || (node.entries().get(key) instanceof YamlNode.Scalar scalar
                        && scalar.text().isEmpty());
        if (empty) {
            missing(key, allowed);
            return Optional.empty();
        }
        return text(key);
    }

    List<Text> texts(String key) {
        List<Text> texts = new ArrayList<>();
        if (node.entries().get(key) instanceof YamlNode.Sequence sequence) {
            for (YamlNode element : sequence.elements()) {
                if (element instanceof YamlNode.Scalar scalar) {
                    resolved(scalar, pathOf(key)).ifPresent(texts::add);
                }
            }
        }
        return texts;
    }

    void missing(String key, String allowed) {
        context.problems()
                .add(DefinitionCode.MISSING_KEY, node.line(), pathOf(key), "The key must be given: " + allowed + ".");
    }

    String pathOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private Optional<Text> resolved(YamlNode.Scalar scalar, String textPath) {
        StringBuilder value = new StringBuilder();
        Matcher matcher = VARIABLE.matcher(scalar.text());
        boolean complete = true;
        while (matcher.find()) {
            String name = matcher.group(1);
            String replacement = VARIABLE_NAME.matcher(name).matches()
                    ? context.environment().apply(name)
                    : null;
            if (replacement == null) {
                complete = false;
                replacement = "";
                context.problems().add(DefinitionCode.ENVIRONMENT, scalar.line(), textPath, unresolved(name));
            }
            matcher.appendReplacement(value, Matcher.quoteReplacement(replacement));
        }
        matcher.appendTail(value);
        return complete
                ? Optional.of(new Text(value.toString(), scalar.text(), textPath, scalar.line()))
                : Optional.empty();
    }

    private static String unresolved(String name) {
        return VARIABLE_NAME.matcher(name).matches()
                ? "The environment has no variable " + name + ". Set it before you start Levada."
                : "`${" + name
                        + "}` names no environment variable: letters, digits and underscores only, no default values.";
    }
}
