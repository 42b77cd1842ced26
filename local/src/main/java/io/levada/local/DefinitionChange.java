package io.levada.local;

import io.levada.definition.DatabaseSource;
import io.levada.definition.FileSource;
import io.levada.definition.PipelineDefinition;
import io.levada.definition.SourceDefinition;
import io.levada.definition.SourceTable;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What differs between the definition that runs and the next one.
record DefinitionChange(PipelineDefinition running, PipelineDefinition next) {
    boolean isEmpty() {
        return running.equals(next);
    }

    /// The keys whose change a running pipeline can not take over: data lies under what they name, or a service
    /// that is not started anew has read them.
    List<String> fixed() {
        List<String> keys = new ArrayList<>();
        if (!running.project().equals(next.project())) {
            keys.add("project");
        }
        if (!running.lake().equals(next.lake())) {
            keys.add(running.lake().location().equals(next.lake().location()) ? "lake" : "lake.location");
        }
        if (differs(PipelineDefinition::catalog) || differs(PipelineDefinition::tokens)) {
            keys.add("catalog");
        }
        if (differs(PipelineDefinition::registry)) {
            keys.add("registry");
        }
        if (differs(PipelineDefinition::lineage)) {
            keys.add("lineage");
        }
        return keys;
    }

    /// The services that read what has changed and have to start anew for it. ingest-service takes its sources
    /// over as it runs, query-service its queries, and catalog-service its crawls, how it maintains tables and how
    /// long it keeps their history.
    Set<LevadaService> services() {
        Set<LevadaService> services = EnumSet.noneOf(LevadaService.class);
        if (differs(DefinitionChange::mirrors) || differs(PipelineDefinition::tables)) {
            services.add(LevadaService.TRANSFORM);
        }
        if (differs(PipelineDefinition::loads)) {
            services.add(LevadaService.WAREHOUSE);
        }
        return services;
    }

    private boolean differs(Function<PipelineDefinition, Object> part) {
        return !part.apply(running).equals(part.apply(next));
    }

    private static Set<String> mirrors(PipelineDefinition definition) {
        return definition.sources().values().stream()
                .flatMap(source -> switch (source) {
                    case DatabaseSource database ->
                        database.tables().stream().map(table -> table.stageTable(database.name()));
                    case FileSource files -> files.stageTable().stream();
                })
                .collect(Collectors.toSet());
    }

    private static Stream<DatabaseSource> databases(PipelineDefinition definition) {
        return definition.sources().values().stream()
                .filter(DatabaseSource.class::isInstance)
                .map(DatabaseSource.class::cast);
    }

    /// Databases that the next definition does not name any more.
    List<DatabaseSource> databasesTakenOut() {
        return databases(running)
                .filter(source -> !next.sources().containsKey(source.name()))
                .toList();
    }

    /// Each difference in a few words: `+` is new, `-` is taken out, `~` has changed.
    List<String> words() {
        List<String> words = new ArrayList<>();
        words(words, "source", PipelineDefinition::sources, DefinitionChange::words);
        words(words, "table", PipelineDefinition::tables, DefinitionChange::changed);
        words(words, "query", PipelineDefinition::queries, DefinitionChange::changed);
        words(words, "load", PipelineDefinition::loads, DefinitionChange::changed);
        words(words, "crawl", PipelineDefinition::crawls, DefinitionChange::changed);
        if (differs(PipelineDefinition::flush)) {
            words.add("~ flush");
        }
        if (differs(PipelineDefinition::quarantine)) {
            words.add("~ quarantine");
        }
        if (differs(PipelineDefinition::maintenance)) {
            words.add("~ maintenance");
        }
        if (differs(PipelineDefinition::raw)) {
            words.add("~ raw");
        }
        return words;
    }

    /// Words on something that both definitions have.
    @FunctionalInterface
    private interface Described<V> {
        List<String> words(String name, V before, V after);
    }

    private <V> void words(
            List<String> words, String kind, Function<PipelineDefinition, Map<String, V>> part, Described<V> both) {
        Map<String, V> had = part.apply(running);
        Map<String, V> has = part.apply(next);
        Set<String> names = new TreeSet<>(had.keySet());
        names.addAll(has.keySet());
        for (String name : names) {
            V before = had.get(name);
            V after = has.get(name);
            if (before == null) {
                words.add("+ " + kind + " " + name);
            } else if (after == null) {
                words.add("- " + kind + " " + name);
            } else if (!before.equals(after)) {
                both.words(kind + " " + name, before, after).forEach(words::add);
            }
        }
    }

    private static <V> List<String> changed(String name, V before, V after) {
        return List.of("~ " + name);
    }

    private static List<String> words(String name, SourceDefinition before, SourceDefinition after) {
        Set<String> had = tables(before);
        Set<String> has = tables(after);
        List<String> words = new ArrayList<>();
        has.stream().filter(table -> !had.contains(table)).forEach(table -> words.add("+ " + table + " of " + name));
        had.stream().filter(table -> !has.contains(table)).forEach(table -> words.add("- " + table + " of " + name));
        return words.isEmpty() ? List.of("~ " + name) : words;
    }

    private static Set<String> tables(SourceDefinition source) {
        return source instanceof DatabaseSource database
                ? database.tables().stream()
                        .map(SourceTable::qualifiedName)
                        .collect(Collectors.toCollection(TreeSet::new))
                : Set.of();
    }
}
