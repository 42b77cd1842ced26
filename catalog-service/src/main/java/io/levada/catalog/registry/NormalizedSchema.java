package io.levada.catalog.registry;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// A schema's normal form, as `normalize=true` asks for it: full names, what a type is before what it is called
/// besides, and the rest of the properties sorted. It keeps what the parsing canonical form of Avro drops: defaults,
/// logical types, documentation, aliases. Confluent's registry has the same rules.
final class NormalizedSchema {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Set<String> defined = new HashSet<>();

    private NormalizedSchema() {}

    static String of(Schema schema) {
        return JSON.writeValueAsString(new NormalizedSchema().form(schema));
    }

    private Object form(Schema schema) {
        return switch (schema.getType()) {
            case UNION -> schema.getTypes().stream().map(this::form).toList();
            case ARRAY -> container(schema, "items", schema.getElementType());
            case MAP -> container(schema, "values", schema.getValueType());
            case RECORD, ENUM, FIXED -> named(schema);
            case BOOLEAN, BYTES, DOUBLE, FLOAT, INT, LONG, NULL, STRING -> primitive(schema);
        };
    }

    private Object container(Schema schema, String key, Schema element) {
        Map<String, Object> form = new LinkedHashMap<>();
        form.put("type", schema.getType().getName());
        form.put(key, form(element));
        form.putAll(sorted(schema.getObjectProps()));
        return form;
    }

    private static Object primitive(Schema schema) {
        String type = schema.getType().getName();
        if (schema.getObjectProps().isEmpty()) {
            return type;
        }
        Map<String, Object> form = new LinkedHashMap<>();
        form.put("type", type);
        form.putAll(sorted(schema.getObjectProps()));
        return form;
    }

    private Object named(Schema schema) {
        if (!defined.add(schema.getFullName())) {
            return schema.getFullName();
        }
        Map<String, Object> form = new LinkedHashMap<>();
        form.put("name", schema.getFullName());
        form.put("type", schema.getType().getName());
        switch (schema.getType()) {
            case ENUM -> form.put("symbols", schema.getEnumSymbols());
            case FIXED -> form.put("size", schema.getFixedSize());
            default ->
                form.put("fields", schema.getFields().stream().map(this::field).toList());
        }
        documented(form, schema.getDoc(), schema.getAliases());
        if (schema.getType() == Schema.Type.ENUM && schema.getEnumDefault() != null) {
            form.put("default", schema.getEnumDefault());
        }
        form.putAll(sorted(schema.getObjectProps()));
        return form;
    }

    private Map<String, Object> field(Schema.Field field) {
        Map<String, Object> form = new LinkedHashMap<>();
        form.put("name", field.name());
        form.put("type", form(field.schema()));
        if (field.order() != Schema.Field.Order.ASCENDING) {
            form.put("order", field.order().name().toLowerCase(Locale.ROOT));
        }
        documented(form, field.doc(), field.aliases());
        if (field.hasDefaultValue()) {
            form.put("default", value(field.defaultVal()));
        }
        form.putAll(sorted(field.getObjectProps()));
        return form;
    }

    private static void documented(Map<String, Object> form, @Nullable String doc, Set<String> aliases) {
        if (doc != null && !doc.isEmpty()) {
            form.put("doc", doc);
        }
        if (!aliases.isEmpty()) {
            form.put("aliases", new TreeSet<>(aliases));
        }
    }

    private static Map<String, Object> sorted(Map<String, Object> properties) {
        Map<String, Object> sorted = new TreeMap<>();
        properties.forEach((name, value) -> sorted.put(name, value(value)));
        return sorted;
    }

    /// A property's or default's value as JSON has it; Avro gives bytes as arrays and null as a constant of its
    /// own.
    private static Object value(Object value) {
        return switch (value) {
            case JsonProperties.Null _ -> JSON.nullNode();
            case byte[] bytes -> new String(bytes, StandardCharsets.ISO_8859_1);
            case Map<?, ?> map -> {
                Map<String, Object> sorted = new TreeMap<>();
                map.forEach((name, inner) -> sorted.put(String.valueOf(name), value(inner)));
                yield sorted;
            }
            case Collection<?> list -> {
                List<Object> values = new ArrayList<>();
                list.forEach(inner -> values.add(value(inner)));
                yield values;
            }
            default -> value;
        };
    }
}
