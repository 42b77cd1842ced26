package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.MongoSource;
import io.levada.definition.PipelineDefinition;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class CommandLineTest {
    @TempDir
    private Path parent;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int levada(String... arguments) {
        CommandLine command = Levada.commandLine();
        command.setOut(new PrintWriter(out));
        command.setErr(new PrintWriter(err));
        return command.execute(arguments);
    }

    @Test
    void validateAcceptsAProject() throws IOException {
        Path project = project("sources: {sales: {type: files, path: inbox, table: orders}}\n");

        int exitCode = levada("validate", project.toString());

        assertThat(exitCode).isZero();
        assertThat(out.toString()).contains("shop is valid: 1 sources");
    }

    @Test
    void validateReportsAllProblemsAndExitsWithTwo() throws IOException {
        Path project = project("flush: never\nsources: {sales: {type: files, path: inbox}}\n");

        int exitCode = levada("validate", project.toString());

        assertThat(exitCode).isEqualTo(2);
        assertThat(err.toString())
                .contains("DEF-BAD-VALUE")
                .contains("DEF-MISSING-KEY")
                .contains("Next: ");
    }

    @Test
    void runRefusesAWrongDefinitionBeforeItStartsAnything() throws IOException {
        Path project = project("sources: {}\n");

        int exitCode = levada("run", project.toString());

        assertThat(exitCode).isEqualTo(2);
        assertThat(project.resolve(".levada")).doesNotExist();
    }

    @Test
    void readsSqlWithDuckDbsOwnParser() throws IOException {
        Path project = project("""
                sources: {sales: {type: files, path: inbox, table: orders}}
                queries: {drop: {sql: drop.sql}, passwd: {sql: passwd.sql}}
                """);
        Files.writeString(project.resolve("drop.sql"), "DROP TABLE raw.sales_orders");
        Files.writeString(project.resolve("passwd.sql"), "SELECT * FROM read_csv('/etc/passwd')");

        int exitCode = levada("validate", project.toString());

        assertThat(exitCode).isEqualTo(2);
        assertThat(err.toString().lines().filter(line -> line.contains("DEF-SQL-REFUSED")))
                .hasSize(2);
    }

    @Test
    void queryAndStatusSayThatNothingAnswers() {
        int port = LocalPorts.unused(1).getFirst();

        assertThat(levada("status", "--url", "http://127.0.0.1:" + port)).isEqualTo(1);
        assertThat(levada("query", "SELECT 1", "--url", "http://127.0.0.1:" + port))
                .isEqualTo(1);
        assertThat(err.toString()).contains("LOCAL-NOT-REACHABLE").contains("./levada demo");
    }

    @Test
    void refusesAnUnknownCommandWithTheUsage() {
        assertThat(levada("fly")).isEqualTo(2);
        assertThat(err.toString()).contains("Usage: levada");
    }

    @Test
    void theDefaultExampleIsValid() {
        ProjectReader reader = new ProjectReader(name -> switch (name) {
            case "FINANCEIRO_URL" -> "jdbc:postgresql://127.0.0.1:5432/financeiro";
            case "VENDAS_URL" -> "jdbc:mariadb://127.0.0.1:3306/vendas";
            default -> "levada";
        });

        assertThat(reader.read(Path.of("..", "examples", "lab")).tables())
                .containsOnlyKeys("curated.processed_sales", "curated.clientes_unificados");
    }

    /// With a MongoDB or with its export: the same curated tables, queries and loads.
    @Test
    void theExampleWithAMongoDiffersInItsTicketsOnly() throws IOException {
        Path examples = Path.of("..", "examples");
        PipelineDefinition mongo = new ProjectReader(name -> switch (name) {
                    case "FINANCEIRO_URL" -> "jdbc:postgresql://127.0.0.1:5432/financeiro";
                    case "VENDAS_URL" -> "jdbc:mariadb://127.0.0.1:3306/vendas";
                    case "SUPORTE_URL" -> "mongodb://127.0.0.1/suporte";
                    default -> "";
                })
                .read(examples.resolve("lab-mongodb"));

        assertThat(mongo.sources().get("suporte")).isInstanceOf(MongoSource.class);
        for (String file : List.of(
                "curations/clientes_unificados.sql",
                "curations/processed_sales.sql",
                "queries/clientes.sql",
                "queries/sales_by_product.sql")) {
            assertThat(Files.readString(examples.resolve("lab-mongodb").resolve(file)))
                    .isEqualTo(Files.readString(examples.resolve("lab").resolve(file))
                            .replace("raw.suporte_tickets", "stage.suporte_tickets"));
        }
        assertThat(definitionAfterSources("lab-mongodb")).isEqualTo(definitionAfterSources("lab"));
    }

    private static String definitionAfterSources(String example) throws IOException {
        String yaml = Files.readString(Path.of("..", "examples", example, "levada.yaml"));
        return yaml.substring(yaml.indexOf("\ntables:"));
    }

    private Path project(String yaml) throws IOException {
        Path project = Files.createDirectories(parent.resolve("shop"));
        Files.writeString(project.resolve("levada.yaml"), yaml);
        return project;
    }
}
