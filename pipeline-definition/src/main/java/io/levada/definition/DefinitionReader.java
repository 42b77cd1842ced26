package io.levada.definition;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads a project directory: `levada.yaml` and the SQL files that it names. Nothing is connected to and nothing is
/// written.
///
/// Reading is strict: unknown keys, keys that are not built yet, doubled keys and unset variables are problems, and all
/// problems are reported at once.
public final class DefinitionReader {
    private static final Pattern PROJECT_NAME = Pattern.compile("[a-z0-9_]{1,40}");

    private final Path directory;
    private final Problems problems;
    private final SelectInspector inspector;

    private DefinitionReader(Path directory, Problems problems, SelectInspector inspector) {
        this.directory = directory;
        this.problems = problems;
        this.inspector = inspector;
    }

    /// @param directory the folder that holds `levada.yaml`
    /// @param environment value of a variable by name, null where it is not set
    /// @param inspector understands the SQL files
    public static DefinitionOutcome read(
            Path directory, Function<String, @Nullable String> environment, SelectInspector inspector) {
        Problems problems = new Problems();
        Path absolute = directory.toAbsolutePath().normalize();
        Optional<PipelineDefinition> definition = text(absolute, problems)
                .flatMap(text -> YamlTree.parse(text, problems))
                .map(document -> {
                    new KnownKeys(problems).check(document);
                    return new DefinitionReader(absolute, problems, inspector)
                            .definition(new Section(new Section.Context(problems, environment), "", document));
                });
        return problems.isEmpty() && definition.isPresent()
                ? new DefinitionOutcome.Valid(definition.get())
                : new DefinitionOutcome.Invalid(problems.inOrderOfFile());
    }

    private static Optional<String> text(Path directory, Problems problems) {
        Path file = directory.resolve(Problems.DEFINITION_FILE);
        try {
            if (Files.isRegularFile(file)) {
                return Optional.of(Files.readString(file));
            }
            problems.add(
                    DefinitionCode.FILE_MISSING,
                    0,
                    "",
                    "There is no file " + file + ". A project is a directory that holds levada.yaml.");
        } catch (IOException e) {
            problems.add(DefinitionCode.FILE_MISSING, 0, "", "The file " + file + " can not be read: " + e);
        }
        return Optional.empty();
    }

    private PipelineDefinition definition(Section document) {
        String project = project(document);
        LakeDefinition lake = new LakeReader(problems).read(document.section("lake"));
        FlushPolicy flush = new FlushReader(problems).read(document);
        QuarantinePolicy quarantine = new GuardsReader(problems).quarantine(document);
        DeclaredTables declared = new DeclaredTables(problems);
        Map<String, SourceDefinition> sources =
                new SourcesReader(directory, project, problems, declared).read(document);
        Map<String, CrawlDefinition> crawls =
                new CrawlsReader(directory, lake, problems, declared).read(document.section("crawls"));
        TablesReader tables = new TablesReader(new SqlFiles(directory, problems, inspector), problems, declared);
        Map<String, CuratedTable> curated = tables.curated(document.section("tables"));
        Map<String, NamedQuery> queries = tables.queries(document.section("queries"));
        Map<String, WarehouseLoad> loads =
                tables.loads(document.section("warehouse").section("loads"));
        LineageReader lineage = new LineageReader(problems);
        CatalogReader catalog = new CatalogReader(problems, project);
        return new PipelineDefinition(
                directory,
                project,
                lake,
                flush,
                quarantine,
                sources,
                curated,
                queries,
                loads,
                catalog.catalog(document.section("catalog")),
                catalog.tokens(document.section("catalog")),
                lineage.registry(document.section("registry")),
                lineage.lineage(document.section("lineage"), project),
                crawls,
                new MaintenanceReader(problems).read(document),
                new RawReader(problems, declared, crawls).read(document.section("raw")));
    }

    private String project(Section document) {
        Path name = directory.getFileName();
        Section.Text project = document.text("project")
                .orElseGet(() -> new Section.Text(
                        name == null ? "" : name.toString(), name == null ? "" : name.toString(), "project", 0));
        if (!PROJECT_NAME.matcher(project.value()).matches()) {
            String origin =
                    document.has("project") ? "The project's name" : "The directory's name, which names the project,";
            problems.add(
                    DefinitionCode.BAD_NAME,
                    project.line(),
                    "project",
                    origin + " is `" + project.written()
                            + "`; allowed are [a-z0-9_], 1 to 40 of them. Write a fitting `project:`.");
        }
        return project.value();
    }

    /// Whether a location is a URL, not a folder.
    static boolean isRemote(String location) {
        return location.contains("://");
    }
}
