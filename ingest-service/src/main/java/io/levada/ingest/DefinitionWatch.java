package io.levada.ingest;

import io.levada.definition.DatabaseSource;
import io.levada.definition.DefinitionOutcome;
import io.levada.definition.DefinitionReader;
import io.levada.definition.PipelineDefinition;
import io.levada.definition.Problem;
import io.levada.definition.SelectInspector;
import io.levada.definition.SourceDefinition;
import io.levada.definition.SourceTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Says in what `levada.yaml` differs now from the definition that runs. What runs stays as it is until a restart:
/// this stands in for a process that does not apply a changed definition by itself.
final class DefinitionWatch implements DefinitionNotice {
    private final PipelineDefinition running;
    private final Path file;
    private final Function<String, @Nullable String> environment;
    private final @Nullable String atStart;
    private @Nullable String seen;
    private Optional<String> difference = Optional.empty();

    DefinitionWatch(PipelineDefinition running, Function<String, @Nullable String> environment) {
        this.running = running;
        this.file = running.directory().resolve("levada.yaml");
        this.environment = environment;
        this.atStart = text();
        this.seen = atStart;
    }

    /// Empty also where there is no such file here.
    @Override
    public synchronized Optional<String> difference() {
        String now = text();
        if (atStart == null || now == null || now.equals(seen)) {
            return difference;
        }
        seen = now;
        difference = now.equals(atStart) ? Optional.empty() : Optional.of(described());
        return difference;
    }

    private @Nullable String text() {
        try {
            return Files.isRegularFile(file) ? Files.readString(file) : null;
        } catch (IOException e) {
            return null;
        }
    }

    private String described() {
        SelectInspector unread = sql -> new SelectInspector.Inspection.Select(Set.of());
        return switch (DefinitionReader.read(running.directory(), environment, unread)) {
            case DefinitionOutcome.Invalid(List<Problem> problems) ->
                "levada.yaml has changed and has problems (" + problems.size()
                        + "), so a restart would be refused; the definition read at start goes on. ./levada validate "
                        + running.directory() + " lists them";
            case DefinitionOutcome.Valid(PipelineDefinition next) -> {
                List<String> tables = tables(next);
                yield "levada.yaml has changed"
                        + (tables.isEmpty() ? "" : " (" + String.join("; ", tables) + ")")
                        + ": restart the pipeline to apply it";
            }
        };
    }

    private List<String> tables(PipelineDefinition next) {
        List<String> differences = new ArrayList<>();
        running.sources().forEach((name, before) -> {
            Set<String> had = tables(before);
            Set<String> has = tables(next.sources().get(name));
            has.stream().filter(table -> !had.contains(table)).forEach(table -> differences.add(name + ": + " + table));
            had.stream().filter(table -> !has.contains(table)).forEach(table -> differences.add(name + ": - " + table));
        });
        return differences;
    }

    private static Set<String> tables(@Nullable SourceDefinition source) {
        return source instanceof DatabaseSource database
                ? database.tables().stream()
                        .map(SourceTable::qualifiedName)
                        .collect(Collectors.toCollection(java.util.TreeSet::new))
                : Set.of();
    }
}
