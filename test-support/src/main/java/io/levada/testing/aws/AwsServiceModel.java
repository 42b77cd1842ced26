package io.levada.testing.aws;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// AWS's own description of a service, and the check of requests by it: required members, lengths, ranges, patterns,
/// enumerations and sizes, which neither the SDK nor emulators look at.
///
/// Read from `com.amazonaws:aws-java-sdk-models`, which must be on the class path. For services whose requests are
/// JSON, such as Glue, Athena and Redshift Data. Lengths of texts count code points; a pattern must match the whole
/// text. Safe for use by several threads.
public final class AwsServiceModel {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int SHOWN_VALUE = 80;

    private final JsonNode operations;
    private final JsonNode shapes;
    private final String targetPrefix;
    private final Map<String, Pattern> patterns = new ConcurrentHashMap<>();

    private AwsServiceModel(JsonNode model) {
        this.operations = model.path("operations");
        this.shapes = model.path("shapes");
        this.targetPrefix = model.path("metadata").path("targetPrefix").asString();
    }

    /// A limit that a message does not keep.
    ///
    /// @param path of the member, such as `TableInput.Parameters[owner]`
    /// @param value shortened
    public record Violation(String path, String value, String limit) {
        @Override
        public String toString() {
            return "'" + value + "' at '" + path + "' " + limit;
        }
    }

    /// @param model such as `glue-2017-03-31`
    public static AwsServiceModel load(String model) {
        String resource = "/models/" + model + "-model.json";
        try (InputStream content = AwsServiceModel.class.getResourceAsStream(resource)) {
            if (content == null) {
                throw new IllegalStateException(
                        "No " + resource + ": com.amazonaws:aws-java-sdk-models is not on the class path");
            }
            return new AwsServiceModel(JSON.readTree(content));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What stands before the operation in the header `X-Amz-Target`.
    public String targetPrefix() {
        return targetPrefix;
    }

    public boolean hasOperation(String operation) {
        return operations.has(operation);
    }

    /// What is wrong with a request; empty where nothing is.
    public List<Violation> request(String operation, JsonNode body) {
        return message(operation, "input", body);
    }

    /// What is wrong with an answer; empty where nothing is.
    public List<Violation> answer(String operation, JsonNode body) {
        return message(operation, "output", body);
    }

    private List<Violation> message(String operation, String direction, JsonNode body) {
        if (!hasOperation(operation)) {
            return List.of(new Violation("", operation, "is no operation of this service"));
        }
        List<Violation> violations = new ArrayList<>();
        String shape = operations.path(operation).path(direction).path("shape").asString("");
        if (!shape.isEmpty()) {
            check(shape, body, "", violations);
        }
        return violations;
    }

    private void check(String shapeName, JsonNode value, String path, List<Violation> violations) {
        JsonNode shape = shapes.path(shapeName);
        Value checked = new Value(shape, value, path, violations);
        switch (shape.path("type").asString("")) {
            case "structure" -> structure(checked);
            case "list" -> list(checked);
            case "map" -> map(checked);
            case "string" -> text(checked);
            case "blob" -> blob(checked);
            case "boolean" -> checked.require(value.isBoolean(), "must be a boolean");
            case "integer" ->
                number(checked, value.isIntegralNumber() && value.canConvertToInt(), "must be an integer of 32 bits");
            case "long" ->
                number(checked, value.isIntegralNumber() && value.canConvertToLong(), "must be an integer of 64 bits");
            case "double", "float" -> number(checked, value.isNumber(), "must be a number");
            case "timestamp" -> checked.require(value.isNumber() || value.isString(), "must be a time");
            default -> throw new IllegalStateException("The model's " + shapeName + " has a type without a check");
        }
    }

    /// @param shape as the model describes it
    private record Value(JsonNode shape, JsonNode value, String path, List<Violation> violations) {
        boolean require(boolean met, String limit) {
            if (!met) {
                String text = value.isString() ? value.asString() : value.toString();
                violations.add(new Violation(
                        path, text.length() > SHOWN_VALUE ? text.substring(0, SHOWN_VALUE) + "..." : text, limit));
            }
            return met;
        }

        void requireSize(long size, String what) {
            require(
                    size >= shape.path("min").asLong(Long.MIN_VALUE),
                    "must have " + what + " of at least " + shape.path("min").asString(""));
            require(
                    size <= shape.path("max").asLong(Long.MAX_VALUE),
                    "must have " + what + " of at most " + shape.path("max").asString(""));
        }

        String below(String member) {
            return path.isEmpty() ? member : path + "." + member;
        }
    }

    private void structure(Value checked) {
        if (!checked.require(checked.value().isObject(), "must be a structure")) {
            return;
        }
        JsonNode shape = checked.shape();
        for (JsonNode required : shape.path("required")) {
            JsonNode member = checked.value().path(required.asString());
            if (member.isMissingNode() || member.isNull()) {
                checked.violations().add(new Violation(checked.below(required.asString()), "null", "must not be null"));
            }
        }
        checked.value().properties().forEach(member -> {
            JsonNode known = shape.path("members").path(member.getKey());
            String path = checked.below(member.getKey());
            if (known.isMissingNode()) {
                checked.violations().add(new Violation(path, member.getKey(), "is no member of the structure"));
            } else if (!member.getValue().isNull()) {
                check(known.path("shape").asString(), member.getValue(), path, checked.violations());
            }
        });
        checked.require(
                !shape.path("union").asBoolean(false) || checked.value().size() == 1, "must have exactly one member");
    }

    private void list(Value checked) {
        if (!checked.require(checked.value().isArray(), "must be a list")) {
            return;
        }
        checked.requireSize(checked.value().size(), "a size");
        String member = checked.shape().path("member").path("shape").asString();
        for (int i = 0; i < checked.value().size(); i++) {
            check(member, checked.value().get(i), checked.path() + "[" + i + "]", checked.violations());
        }
    }

    private void map(Value checked) {
        if (!checked.require(checked.value().isObject(), "must be a map")) {
            return;
        }
        checked.requireSize(checked.value().size(), "a size");
        String key = checked.shape().path("key").path("shape").asString();
        String value = checked.shape().path("value").path("shape").asString();
        checked.value().properties().forEach(entry -> {
            String path = checked.path() + "[" + entry.getKey() + "]";
            check(key, JSON.getNodeFactory().stringNode(entry.getKey()), path, checked.violations());
            check(value, entry.getValue(), path, checked.violations());
        });
    }

    private void text(Value checked) {
        if (!checked.require(checked.value().isString(), "must be a text")) {
            return;
        }
        String text = checked.value().asString();
        checked.requireSize(text.codePointCount(0, text.length()), "a length");
        String pattern = checked.shape().path("pattern").asString("");
        checked.require(
                pattern.isEmpty()
                        || patterns.computeIfAbsent(pattern, Pattern::compile)
                                .matcher(text)
                                .matches(),
                "must match " + pattern);
        JsonNode allowed = checked.shape().path("enum");
        checked.require(
                allowed.isMissingNode()
                        || allowed.valueStream()
                                .anyMatch(value -> value.asString().equals(text)),
                "must be one of " + allowed);
    }

    private static void blob(Value checked) {
        if (!checked.require(checked.value().isString(), "must be a text in base64")) {
            return;
        }
        try {
            byte[] bytes = java.util.Base64.getDecoder().decode(checked.value().asString());
            checked.requireSize(bytes.length, "a length");
        } catch (IllegalArgumentException _) {
            checked.require(false, "must be a text in base64");
        }
    }

    private static void number(Value checked, boolean isOne, String otherwise) {
        if (checked.require(isOne, otherwise)) {
            double number = checked.value().asDouble();
            checked.require(
                    number >= checked.shape().path("min").asDouble(Double.NEGATIVE_INFINITY),
                    "must be at least " + checked.shape().path("min").asString(""));
            checked.require(
                    number <= checked.shape().path("max").asDouble(Double.POSITIVE_INFINITY),
                    "must be at most " + checked.shape().path("max").asString(""));
        }
    }
}
