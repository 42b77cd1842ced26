package io.levada.definition;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Checks the shape of the document against [DefinitionKey]: unknown keys, keys that are not built yet, and texts where
/// mappings belong.
final class KnownKeys {
    private static final int LARGEST_TYPING_MISTAKE = 3;
    private static final List<String> SOURCE_TYPES = List.of("postgres", "mariadb", "mysql", "mongodb", "files");
    private static final List<String> CATALOG_TYPES = List.of("embedded", "postgres", "glue");

    private final Problems problems;

    KnownKeys(Problems problems) {
        this.problems = problems;
    }

    void check(YamlNode.Mapping document) {
        section(document, "", "", "");
    }

    private void section(YamlNode.Mapping mapping, String pattern, String path, String type) {
        mapping.entries().forEach((name, value) -> {
            String childPath = joined(path, name);
            List<DefinitionKey> allowed = children(pattern, type);
            Optional<DefinitionKey> key = allowed.stream()
                    .filter(known -> known.pattern().equals(joined(pattern, name))
                            || known.pattern().equals(joined(pattern, "*")))
                    .findFirst();
            if (key.isEmpty()) {
                problems.add(DefinitionCode.UNKNOWN_KEY, value.line(), childPath, unknown(name, allowed, type));
            } else {
                value(key.get(), value, childPath, type);
            }
        });
    }

    private void value(DefinitionKey key, YamlNode value, String path, String type) {
        switch (key.form()) {
            case UNBUILT ->
                problems.add(
                        DefinitionCode.NOT_IMPLEMENTED,
                        value.line(),
                        path,
                        "The key is designed but not built yet: remove it. (" + key.meaning() + ")");
            case TEXT -> expect(value instanceof YamlNode.Scalar, value, path, "a text");
            case LIST -> {
                boolean texts = value instanceof YamlNode.Sequence sequence
                        && sequence.elements().stream().allMatch(YamlNode.Scalar.class::isInstance);
                expect(texts, value, path, "a list of texts, such as [one, two]");
            }
            case TEXT_OR_SECTION -> {
                if (value instanceof YamlNode.Mapping mapping) {
                    section(mapping, key.pattern(), path, type);
                } else {
                    expect(value instanceof YamlNode.Scalar, value, path, "a text or a mapping");
                }
            }
            case SECTION, NAMES -> {
                if (value instanceof YamlNode.Mapping mapping) {
                    section(mapping, key.pattern(), path, typeBelow(key, mapping, type));
                } else {
                    expect(false, value, path, "a mapping");
                }
            }
        }
    }

    private void expect(boolean met, YamlNode value, String path, String expected) {
        if (!met) {
            problems.add(
                    DefinitionCode.WRONG_SHAPE,
                    value.line(),
                    path,
                    "There is " + value.kind() + " where " + expected + " belongs.");
        }
    }

    private static String typeBelow(DefinitionKey key, YamlNode.Mapping mapping, String type) {
        return switch (key) {
            case SOURCE -> built(mapping, SOURCE_TYPES, "");
            case CATALOG -> built(mapping, CATALOG_TYPES, "embedded");
            default -> type;
        };
    }

    /// The section's type when it is one that is built; otherwise empty, and the keys of all types are let
    /// through, since the type itself is the problem then.
    private static String built(YamlNode.Mapping section, List<String> types, String absent) {
        return switch (section.entries().get("type")) {
            case null -> absent;
            case YamlNode.Scalar type when types.contains(type.text()) -> type.text();
            default -> "";
        };
    }

    private static List<DefinitionKey> children(String pattern, String type) {
        return Stream.of(DefinitionKey.values())
                .filter(key -> parent(key.pattern()).equals(pattern))
                .filter(key -> key.type().isEmpty()
                        || type.isEmpty()
                        || List.of(key.type().split(", ")).contains(type))
                .toList();
    }

    private static String parent(String pattern) {
        int dot = pattern.lastIndexOf('.');
        return dot < 0 ? "" : pattern.substring(0, dot);
    }

    private static String joined(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private static String unknown(String name, List<DefinitionKey> allowed, String type) {
        List<String> names = allowed.stream()
                .filter(key -> key.form() != DefinitionKey.Form.UNBUILT)
                .map(key -> key.pattern().substring(key.pattern().lastIndexOf('.') + 1))
                .toList();
        String nearest = names.stream()
                .min(Comparator.comparingInt(known -> distance(name, known)))
                .filter(known -> distance(name, known) <= LARGEST_TYPING_MISTAKE)
                .map(known -> " Did you mean `" + known + "`?")
                .orElse("");
        return "Unknown key `" + name + "`" + (type.isEmpty() ? "" : " for the type " + type) + "."
                + nearest + " Allowed: "
                + names.stream().distinct().sorted().collect(Collectors.joining(", ")) + ".";
    }

    /// Levenshtein's distance, ignoring case.
    private static int distance(String left, String right) {
        String a = left.toLowerCase(Locale.ROOT);
        String b = right.toLowerCase(Locale.ROOT);
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
