package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.levada.definition.PipelineDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// What the documentation says is tried.
final class DocumentationTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern NAMED_FILE = Pattern.compile("`shop/([^`]+)`:\\s*```\\w+\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern COMMAND = Pattern.compile("^(?:\\$ )?\\./levada ([a-z]+)(.*)$", Pattern.MULTILINE);
    private static final Pattern TYPE = Pattern.compile("`([A-Z][a-z]+[A-Za-z]*)`");
    private static final Pattern LINK = Pattern.compile("\\[[^]]+]\\(([^)#:]+)\\)");

    @TempDir
    private Path folder;

    @Test
    void theTutorialsProjectIsValid() throws IOException {
        Map<String, String> files = new LinkedHashMap<>();
        NAMED_FILE
                .matcher(text("docs/tutorial/first-pipeline.md"))
                .results()
                .forEach(file -> files.put(file.group(1), file.group(2)));
        assertThat(files)
                .containsKeys("levada.yaml", "curations/revenue.sql", "queries/revenue.sql", "inbox/first.csv");
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path path = folder.resolve("shop").resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.getValue());
        }

        PipelineDefinition definition = new ProjectReader(name -> null).read(folder.resolve("shop"));

        assertThat(definition.loads()).containsOnlyKeys("reports.revenue");
    }

    @Test
    void theYamlForAPostgresOfOnesOwnIsValid() throws IOException {
        String yaml = Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL)
                .matcher(text("docs/how-to/postgres.md"))
                .results()
                .map(block -> block.group(1).stripIndent())
                .collect(Collectors.joining());
        Files.writeString(folder.resolve("levada.yaml"), "project: bank\n" + yaml);

        assertThat(new ProjectReader(name -> "secret").read(folder).sources()).containsOnlyKeys("bank");
    }

    @Test
    void theReadmesProjectIsValid() throws IOException {
        MatchResult yaml = Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL)
                .matcher(text("README.md"))
                .results()
                .findFirst()
                .orElseThrow();
        Files.writeString(folder.resolve("levada.yaml"), "project: bank\n" + yaml.group(1));
        Files.writeString(
                Files.createDirectory(folder.resolve("curations")).resolve("balances.sql"),
                "SELECT count(*) AS lines FROM stage.bank_ledger");

        assertThat(new ProjectReader(name -> "secret").read(folder).tables()).containsOnlyKeys("curated.balances");
    }

    @Test
    void everyCommandInTheDocumentationExistsWithItsOptions() throws IOException {
        for (Path page : pages()) {
            for (MatchResult command :
                    COMMAND.matcher(Files.readString(page)).results().toList()) {
                String named = page + ": ./levada " + command.group(1);
                CommandLine subcommand = Levada.commandLine().getSubcommands().get(command.group(1));
                if (subcommand == null) {
                    throw new AssertionError(named + " does not exist");
                }
                List<String> options = Pattern.compile("--[a-z-]+")
                        .matcher(command.group(2))
                        .results()
                        .map(MatchResult::group)
                        .toList();
                assertThat(options(subcommand).toList()).as(named).containsAll(options);
            }
        }
    }

    private static Stream<String> options(CommandLine command) {
        return Stream.concat(
                command.getCommandSpec().optionsMap().keySet().stream(),
                command.getSubcommands().values().stream().flatMap(DocumentationTest::options));
    }

    @Test
    void everyTypeThatTheArchitectureNamesExists() throws IOException {
        Set<String> types = new ClassFileImporter()
                .importPackages("io.levada").stream()
                        .map(type -> type.getSimpleName())
                        .collect(Collectors.toSet());
        List<String> named = TYPE.matcher(text("ARCHITECTURE.md"))
                .results()
                .map(type -> type.group(1))
                .toList();

        assertThat(named).isNotEmpty();
        assertThat(types).containsAll(named);
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        for (Path page : pages()) {
            for (MatchResult link :
                    LINK.matcher(Files.readString(page)).results().toList()) {
                assertThat(page.resolveSibling(link.group(1)))
                        .as("link in %s", page)
                        .exists();
            }
        }
    }

    private static String text(String page) throws IOException {
        return Files.readString(ROOT.resolve(page));
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"));
                Stream<Path> top = Files.list(ROOT)) {
            return Stream.concat(docs, top)
                    .filter(path -> path.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
