package io.levada.definition;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A project directory under test. Its inspector takes the words after FROM and JOIN for the tables, which is enough
/// for the SQL of these tests; the real one is sql-engines' and is tested there.
final class ProjectFixture {
    private static final Pattern TABLE = Pattern.compile("(?i)(?:from|join)\\s+([a-z_.]+)");

    private final Path directory;
    private final Map<String, String> environment = new HashMap<>();

    ProjectFixture(Path parent) {
        this.directory = parent.resolve("shop");
        file("curations/sales.sql", "SELECT id FROM raw.sales_orders");
    }

    Path directory() {
        return directory;
    }

    ProjectFixture file(String name, String text) {
        try {
            Path file = directory.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ProjectFixture variable(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /// Writes levada.yaml.
    ProjectFixture yaml(String text) {
        return file("levada.yaml", text);
    }

    DefinitionOutcome read() {
        return DefinitionReader.read(directory, environment::get, ProjectFixture::inspect);
    }

    PipelineDefinition valid() {
        DefinitionOutcome outcome = read();
        assertThat(outcome).isInstanceOf(DefinitionOutcome.Valid.class);
        return ((DefinitionOutcome.Valid) outcome).definition();
    }

    List<Problem> problems() {
        DefinitionOutcome outcome = read();
        assertThat(outcome).isInstanceOf(DefinitionOutcome.Invalid.class);
        return ((DefinitionOutcome.Invalid) outcome).problems();
    }

    /// The only problem.
    Problem problem() {
        assertThat(problems()).hasSize(1);
        return problems().getFirst();
    }

    private static SelectInspector.Inspection inspect(String sql) {
        if (!sql.strip().toLowerCase(Locale.ROOT).startsWith("select")) {
            return new SelectInspector.Inspection.Refused("not a SELECT");
        }
        Matcher matcher = TABLE.matcher(sql);
        Set<String> tables = matcher.results().map(result -> result.group(1)).collect(Collectors.toSet());
        return new SelectInspector.Inspection.Select(tables, sql.contains(" AS OF "));
    }
}
