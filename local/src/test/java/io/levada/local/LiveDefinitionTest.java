package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.DatabaseSource;
import io.levada.definition.PipelineDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveDefinitionTest {
    private static final String SHOP = "shop: {type: postgres, url: 'jdbc:postgresql://h/d', user: u, tables: [%s]}";

    @TempDir
    private Path project;

    private final List<String> console = new ArrayList<>();
    private final List<String> restarts = new ArrayList<>();
    private final CountDownLatch stop = new CountDownLatch(1);
    private int failures;

    @BeforeEach
    void writeProject() throws IOException {
        Files.createDirectories(project.resolve("inbox"));
        Files.writeString(project.resolve("sum.sql"), "SELECT 1 AS one");
        Files.writeString(project.resolve("ask.sql"), "SELECT 1 AS one");
        define("item");
    }

    @Test
    void startsTheServicesAnewThatReadWhatChanged() throws IOException {
        LiveDefinition live = live();

        define("item, audit");
        looks(live);
        Files.writeString(project.resolve("sum.sql"), "SELECT 2 AS two");
        looks(live);
        Files.writeString(project.resolve("ask.sql"), "SELECT 2 AS two");
        looks(live);

        assertThat(restarts).containsExactly("[TRANSFORM] 2 tables", "[TRANSFORM] 2 tables", "[] 2 tables");
        assertThat(console)
                .anySatisfy(line -> assertThat(line).endsWith("+ public.audit of source shop"))
                .anySatisfy(line -> assertThat(line).endsWith("~ table curated.sum"))
                .anySatisfy(line -> assertThat(line).endsWith("~ query ask"))
                .anySatisfy(
                        line -> assertThat(line).startsWith("Applied in ").endsWith("; transform-service started anew"))
                .anySatisfy(line -> assertThat(line).endsWith("no service was started anew"));
        assertThat(live.difference()).isEmpty();
    }

    @Test
    void takesOverHowTablesAreMaintainedWithoutStartingAServiceAnew() throws IOException {
        LiveDefinition live = live();

        write("project: live\nmaintenance: {snapshots: {max-to-keep: 50}}\n", "item");
        looks(live);

        assertThat(restarts).containsExactly("[] 1 tables");
        assertThat(console)
                .anySatisfy(line -> assertThat(line).endsWith("~ maintenance"))
                .anySatisfy(line -> assertThat(line).endsWith("no service was started anew"));
    }

    @Test
    void takesAnotherBoundOfTheHistoryOverWithoutAStart() throws IOException {
        LiveDefinition live = live();

        Path yaml = project.resolve("levada.yaml");
        Files.writeString(yaml, Files.readString(yaml) + "\nraw: {keep: 90d}\n");
        looks(live);

        assertThat(restarts).containsExactly("[] 1 tables");
        assertThat(console).anySatisfy(line -> assertThat(line).endsWith("~ raw"));
    }

    @Test
    void waitsUntilAFileIsWrittenWhole() throws IOException {
        LiveDefinition live = live();

        Files.writeString(project.resolve("levada.yaml"), "project: half\nsour");
        live.look(this::restart);
        define("item, audit");
        live.look(this::restart);
        assertThat(console).isEmpty();

        live.look(this::restart);
        assertThat(restarts).containsExactly("[TRANSFORM] 2 tables");
    }

    @Test
    void leavesWhatRunsAloneWhereTheDefinitionIsWrong() throws IOException {
        LiveDefinition live = live();

        Files.writeString(project.resolve("sum.sql"), "DELETE FROM stage.shop_item");
        looks(live);

        assertThat(restarts).isEmpty();
        assertThat(live.difference().orElseThrow())
                .contains("nothing of it is applied and what ran goes on: DEF-SQL-REFUSED sum.sql");

        Files.writeString(project.resolve("sum.sql"), "SELECT 1 AS one");
        looks(live);
        assertThat(live.difference()).isEmpty();
        assertThat(console.getLast()).isEqualTo("The definition is again the one that runs");
    }

    @Test
    void namesWhatARunningPipelineCanNotTakeOver() throws IOException {
        LiveDefinition live = live();

        write("project: other\nlake: {location: elsewhere}\n", "item, audit");
        looks(live);

        assertThat(restarts).isEmpty();
        assertThat(live.difference().orElseThrow())
                .contains("another project and lake.location")
                .contains("stop the pipeline and start it again");
    }

    @Test
    void goesBackWhereASourceDoesNotStartAndNoServiceHasTo() throws IOException {
        LiveDefinition live = live();
        failures = 2;

        write("project: live\nflush: 2s\n", "item");
        looks(live);
        assertThat(live.difference().orElseThrow()).contains("LOCAL-APPLY-FAILED");
        looks(live);

        assertThat(restarts).containsExactly("[] 1 tables", "[] 1 tables", "[] 1 tables");
        assertThat(console.getLast()).isEqualTo("The sources run again");
    }

    @Test
    void goesBackWhereAServiceDoesNotStart() throws IOException {
        LiveDefinition live = live();
        failures = 2;

        define("item, audit");
        looks(live);
        assertThat(live.difference().orElseThrow())
                .contains("LOCAL-APPLY-FAILED")
                .contains("the port is gone");
        assertThat(console.getLast()).contains("did not start and will be tried again");
        looks(live);

        assertThat(restarts).containsExactly("[TRANSFORM] 2 tables", "[TRANSFORM] 1 tables", "[TRANSFORM] 1 tables");
        assertThat(console.getLast()).isEqualTo("transform-service run again");

        define("item, audit, line");
        looks(live);
        assertThat(live.difference()).isEmpty();
    }

    @Test
    void startsNothingOnceTheUserWantsToStop() throws IOException {
        LiveDefinition live = live();
        stop.countDown();

        define("item, audit");
        looks(live);

        assertThat(console).noneMatch(line -> line.startsWith("Applied"));
    }

    @Test
    void saysThatADatabaseTakenOutStillKeepsLog() throws IOException {
        LiveDefinition live = live();

        Files.writeString(
                project.resolve("levada.yaml"),
                "project: live\nsources: {drops: {type: files, path: inbox, format: csv, table: rows}}\n");
        looks(live);
        assertThat(live.difference().orElseThrow())
                .contains("Source shop was taken out")
                .contains("source drop shop");

        define("item");
        looks(live);
        assertThat(live.difference()).isEmpty();
    }

    private LiveDefinition live() {
        ProjectWatch watch = new ProjectWatch(project, new ProjectReader(_ -> null));
        return new LiveDefinition(watch, watch.definition(), stop, console::add);
    }

    private void looks(LiveDefinition live) {
        live.look(this::restart);
        live.look(this::restart);
    }

    private boolean restart(PipelineDefinition next, Set<LevadaService> services, CountDownLatch wanted) {
        if (wanted.getCount() == 0) {
            return false;
        }
        int tables = next.sources().get("shop") instanceof DatabaseSource shop
                ? shop.tables().size()
                : 0;
        restarts.add(services + " " + tables + " tables");
        if (failures > 0) {
            failures--;
            throw new LocalException(LocalError.START_FAILED, "the port is gone", "look");
        }
        return true;
    }

    private void define(String tables) throws IOException {
        write("project: live\n", tables);
    }

    private void write(String head, String tables) throws IOException {
        Files.writeString(project.resolve("levada.yaml"), head + """
                sources:
                  %s
                tables: {curated.sum: {sql: sum.sql, mode: full}}
                queries: {ask: {sql: ask.sql}}
                """.formatted(SHOP.formatted(tables)));
    }
}
