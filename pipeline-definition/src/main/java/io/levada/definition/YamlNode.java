package io.levada.definition;

import java.util.List;
import java.util.Map;

/// A YAML value with the line on which it starts. Scalars keep the text that was written: nothing is guessed to be a
/// number or a truth value.
sealed interface YamlNode {
    int line();

    /// A word for messages.
    String kind();

    record Mapping(Map<String, YamlNode> entries, int line) implements YamlNode {
        @Override
        public String kind() {
            return "a mapping";
        }
    }

    record Sequence(List<YamlNode> elements, int line) implements YamlNode {
        public Sequence {
            elements = List.copyOf(elements);
        }

        @Override
        public String kind() {
            return "a list";
        }
    }

    /// @param text as written, without quotes; empty for YAML's null
    record Scalar(String text, int line) implements YamlNode {
        @Override
        public String kind() {
            return text.isEmpty() ? "nothing" : "a text";
        }
    }
}
