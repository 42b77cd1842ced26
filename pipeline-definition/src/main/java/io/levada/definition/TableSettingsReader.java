package io.levada.definition;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Reads what a database source says of single tables: rules of columns, and what becomes of schema changes.
final class TableSettingsReader {
    private static final int SHORTEST_HASH_KEY = 16;
    private static final String COLUMNS = "columns";
    private static final String ON_SCHEMA_CHANGE = "on-schema-change";
    private static final String HASH_KEY = "hash-key";
    private static final String AS = "as";
    private static final Pattern LAKE_NAME = Pattern.compile("[a-z][a-z0-9_]{0,62}");

    private final Problems problems;
    private final Section source;
    private final String defaultSchema;
    private final @Nullable Secret hashKey;
    private boolean hashKeyMissed;

    /// @param defaultSchema whose tables can be named without it
    TableSettingsReader(Problems problems, Section source, String defaultSchema) {
        this.problems = problems;
        this.defaultSchema = defaultSchema;
        this.source = source;
        this.hashKey = source.text(HASH_KEY)
                .map(text -> {
                    if (text.value().length() < SHORTEST_HASH_KEY) {
                        problems.add(
                                DefinitionCode.BAD_VALUE,
                                text.line(),
                                text.path(),
                                "The key has " + text.value().length() + " characters (not shown here); allowed are "
                                        + SHORTEST_HASH_KEY + " or more.");
                    }
                    return new Secret(text.value());
                })
                .orElse(null);
    }

    /// The table under the name that `as:` gives it in the lake.
    SourceTable named(SourceTable table) {
        return new SourceTable(
                table.schema(),
                table.table(),
                lakeName(table.schema(), table.table()).orElse(table.lakeName()));
    }

    private Optional<String> lakeName(String schema, String table) {
        return source.section(AS).textsByName().entrySet().stream()
                .filter(entry -> isNamed(schema, table, entry.getKey()))
                .map(entry -> {
                    if (!LAKE_NAME.matcher(entry.getValue().value()).matches()) {
                        problems.add(
                                DefinitionCode.BAD_NAME,
                                entry.getValue().line(),
                                entry.getValue().path(),
                                "The table's name in the lake is `"
                                        + entry.getValue().written()
                                        + "`; allowed is [a-z][a-z0-9_]*, up to 63 characters.");
                    }
                    return entry.getValue().value();
                })
                .findFirst();
    }

    /// The table with its settings.
    SourceTable of(SourceTable table) {
        return new SourceTable(table.schema(), table.table(), table.lakeName(), rules(table), onSchemaChange(table));
    }

    private ColumnRules rules(SourceTable table) {
        Map<String, ColumnRule> rules = new LinkedHashMap<>();
        source.section(COLUMNS).sections().forEach((name, columns) -> {
            if (isNamed(table, name)) {
                columns.textsByName()
                        .forEach((column, text) -> rule(column, text).ifPresent(rule -> rules.put(column, rule)));
            }
        });
        if (rules.containsValue(ColumnRule.HASH) && hashKey == null) {
            rules.values().removeIf(ColumnRule.HASH::equals);
            if (!hashKeyMissed && !source.has(HASH_KEY)) {
                source.missing(HASH_KEY, "columns are hashed, which takes a secret, such as ${LEVADA_HASH_KEY}");
            }
            hashKeyMissed = true;
        }
        return rules.isEmpty() ? ColumnRules.NONE : new ColumnRules(rules, hashKey);
    }

    private Optional<ColumnRule> rule(String column, Section.Text text) {
        Optional<ColumnRule> rule = Stream.of(ColumnRule.values())
                .filter(known -> known.name().toLowerCase(Locale.ROOT).equals(text.value()))
                .findFirst();
        if (rule.isEmpty()) {
            problems.add(
                    DefinitionCode.BAD_VALUE,
                    text.line(),
                    text.path(),
                    "Column `" + column + "` has rule `" + text.written() + "`; allowed are hash, mask, drop.");
        }
        return rule;
    }

    private OnSchemaChange onSchemaChange(SourceTable table) {
        if (!source.isMapping(ON_SCHEMA_CHANGE)) {
            return source.text(ON_SCHEMA_CHANGE).map(this::policy).orElse(OnSchemaChange.EVOLVE);
        }
        return source.section(ON_SCHEMA_CHANGE).textsByName().entrySet().stream()
                .filter(entry -> isNamed(table, entry.getKey()))
                .map(entry -> policy(entry.getValue()))
                .findFirst()
                .orElse(OnSchemaChange.EVOLVE);
    }

    private OnSchemaChange policy(Section.Text text) {
        Optional<OnSchemaChange> policy = Stream.of(OnSchemaChange.values())
                .filter(known -> known.name().toLowerCase(Locale.ROOT).equals(text.value()))
                .findFirst();
        if (policy.isEmpty()) {
            problems.add(
                    DefinitionCode.BAD_VALUE,
                    text.line(),
                    text.path(),
                    "`" + text.written() + "`; allowed are evolve, freeze, quarantine.");
        }
        return policy.orElse(OnSchemaChange.EVOLVE);
    }

    /// Reports what no table has reported, as it may be named wrongly, or be in no list that can be read.
    ///
    /// @param tables of the source; empty where they are a problem themselves
    void check(List<SourceTable> tables) {
        source.section(COLUMNS)
                .sections()
                .values()
                .forEach(columns -> columns.textsByName().forEach(this::rule));
        source.text(ON_SCHEMA_CHANGE).ifPresent(this::policy);
        source.section(ON_SCHEMA_CHANGE).textsByName().values().forEach(this::policy);
        if (!tables.isEmpty()) {
            refuseTablesThatAreNotNamed(tables);
        }
    }

    /// A misspelled table would leave its columns as they are: nothing is started then.
    private void refuseTablesThatAreNotNamed(List<SourceTable> tables) {
        source.section(COLUMNS)
                .sections()
                .forEach((name, section) -> refuse(name, section.line(), section.path(), tables));
        source.section(AS).textsByName().forEach((name, text) -> refuse(name, text.line(), text.path(), tables));
        source.section(ON_SCHEMA_CHANGE)
                .textsByName()
                .forEach((name, text) -> refuse(name, text.line(), text.path(), tables));
    }

    private void refuse(String name, int line, String path, List<SourceTable> tables) {
        if (tables.stream().noneMatch(table -> isNamed(table, name))) {
            problems.add(
                    DefinitionCode.BAD_VALUE,
                    line,
                    path,
                    "`" + name + "` is none of the source's tables: "
                            + String.join(
                                    ", ",
                                    tables.stream()
                                            .map(SourceTable::qualifiedName)
                                            .toList()) + ".");
        }
    }

    private boolean isNamed(SourceTable table, String name) {
        return isNamed(table.schema(), table.table(), name);
    }

    private boolean isNamed(String schema, String table, String name) {
        return name.equals(schema + "." + table) || schema.equals(defaultSchema) && name.equals(table);
    }
}
