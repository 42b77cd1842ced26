package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.EmbeddedPostgresServer;
import io.levada.testing.Eventually;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// The operator's commands, typed against a running pipeline and a real PostgreSQL.
class OperatorIT {
    private static final Duration BOUND = Eventually.PATIENCE;
    private static final String ITEMS = "SELECT list(id ORDER BY id) FROM stage.shop_item";

    @TempDir
    private Path directory;

    private Path project;

    @BeforeEach
    void makeProject() throws Exception {
        project = Files.createDirectories(directory.resolve("project"));
    }

    @Test
    void pausesReloadsRepairsAndDropsASource() throws Exception {
        try (EmbeddedPostgresServer postgres = EmbeddedPostgresServer.start(directory.resolve("postgres"))) {
            define(postgres);
            postgres.createDatabase("shop");
            postgres.execute(
                    "shop",
                    "CREATE TABLE item (id int PRIMARY KEY, due date)",
                    "INSERT INTO item VALUES (1), (2), (3)");
            try (PipelineProcess pipeline =
                    PipelineProcess.run(project, directory.resolve("data")).awaitReady()) {
                awaitItems(pipeline, "[1,2,3]");
                pauses(postgres, pipeline);
                reloads(pipeline);
                maintains(pipeline);
                repairs(postgres, pipeline);
                listsAndReplaysAndSettlesQuarantine(postgres, pipeline);
                replacesAFile(pipeline);
                exports(pipeline);
                new ChangedDefinition(project, postgres, pipeline)
                        .isAppliedWhileChangesGoOn(Files.readString(project.resolve("levada.yaml")));
                assertThat(levada(pipeline, 1, "source", "drop", "shop", project.toString(), "--yes"))
                        .contains("CAPTURE-SLOT-IN-USE");
                assertThat(pipeline.stop()).contains("Applied in ");
            }
            assertThat(command(1, "source", "drop", "shop", project.toString())).contains("LOCAL-NOT-CONFIRMED");
            assertThat(command(0, "source", "drop", "shop", project.toString(), "--yes"))
                    .contains("are removed");
            assertThat(text(postgres, "SELECT count(*) FROM pg_replication_slots"))
                    .isEqualTo("0");
        }
    }

    private void pauses(EmbeddedPostgresServer postgres, PipelineProcess pipeline) throws Exception {
        assertThat(levada(pipeline, 0, "source", "pause", "shop")).contains("Source shop is paused at ");
        postgres.execute("shop", "INSERT INTO item VALUES (4)");
        assertThat(levada(pipeline, 0, "status"))
                .contains("PAUSED")
                .contains("CAPTURE-PAUSED")
                .contains("./levada source resume shop");
        assertThat(items(pipeline)).isEqualTo("[1,2,3]");
        assertThat(levada(pipeline, 0, "source", "resume", "shop")).contains("goes on");
        awaitItems(pipeline, "[1,2,3,4]");
    }

    private void reloads(PipelineProcess pipeline) throws Exception {
        assertThat(levada(pipeline, 1, "reload", "shop", "absent"))
                .contains("SOURCE-UNKNOWN-TABLE")
                .contains("public.item");
        assertThat(levada(pipeline, 1, "source", "pause", "absent")).contains("SOURCE-UNKNOWN");
        assertThat(levada(pipeline, 0, "reload", "shop", "item")).contains("Loading again: item");
        Eventually.within(BOUND, () -> one(pipeline, "SELECT max(_load) FROM raw.shop_item"), "2"::equals);
        awaitItems(pipeline, "[1,2,3,4]");
    }

    private void maintains(PipelineProcess pipeline) {
        assertThat(levada(pipeline, 0, "status")).doesNotContain("Maintenance");
        assertThat(levada(pipeline, 0, "maintain", "raw.shop_item")).contains("raw.shop_item");
        assertThat(levada(pipeline, 0, "status")).containsPattern("Maintenance\\R.*\\Rraw\\.shop_item +\\d+s ago ");
        assertThat(levada(pipeline, 0, "history", "stage.shop_item", "--limit", "1"))
                .contains(" MIRROR ")
                .contains("raw.shop_item@")
                .contains("There are older ones: --before ");
        assertThat(levada(pipeline, 0, "history", "raw.shop_item")).contains("levada.changes.shop.item [0, ");
        assertThat(levada(pipeline, 1, "history", "raw.none")).contains("SQL-UNKNOWN-TABLE");
    }

    private void repairs(EmbeddedPostgresServer postgres, PipelineProcess pipeline) throws Exception {
        assertThat(levada(pipeline, 1, "source", "repair", "shop")).contains("CAPTURE-SLOT-HEALTHY");
        levada(pipeline, 0, "source", "pause", "shop");
        postgres.execute(
                "shop",
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots",
                "DELETE FROM item WHERE id = 2",
                "INSERT INTO item VALUES (5)");
        levada(pipeline, 0, "source", "resume", "shop");
        Eventually.within(
                BOUND,
                () -> levada(pipeline, 0, "status"),
                status -> status.contains("CAPTURE-SLOT-LOST") && status.contains("./levada source repair shop"));
        assertThat(levada(pipeline, 0, "source", "repair", "shop")).contains("are missing in raw");
        postgres.execute("shop", "INSERT INTO item VALUES (6)");
        awaitItems(pipeline, "[1,3,4,5,6]");
        assertThat(one(pipeline, "SELECT count(*) FROM raw.shop_item WHERE _op = 'd'"))
                .as("the delete is lost in raw, as status says")
                .isEqualTo("0");
        assertThat(levada(pipeline, 0, "status")).contains("Lost log").contains("are missing in raw");
    }

    private void listsAndReplaysAndSettlesQuarantine(EmbeddedPostgresServer postgres, PipelineProcess pipeline)
            throws Exception {
        assertThat(levada(pipeline, 0, "quarantine", "list")).contains("(0 rows)");
        postgres.execute("shop", "INSERT INTO item VALUES (7, 'infinity'), (8, 'infinity')");
        Files.writeString(project.resolve("inbox/bad.csv"), "a,b\n1,2\n3\n");
        Eventually.within(BOUND, () -> levada(pipeline, 0, "quarantine", "list"), list -> list.contains("(3 rows)"));
        assertThat(levada(pipeline, 0, "quarantine", "list", "--table", "shop_item"))
                .contains("CAPTURE-VALUE-UNMAPPED")
                .contains("{\"id\":\"7\",\"due\":\"infinity\"}")
                .contains("(2 rows)");

        postgres.execute("shop", "UPDATE item SET due = '2026-11-21' WHERE id = 7");
        assertThat(levada(pipeline, 0, "quarantine", "replay"))
                .contains("Loading again: item")
                .contains("Of raw.drops_rows the quarantined records of 1 file are taken in again");
        Eventually.within(
                BOUND,
                () -> levada(pipeline, 0, "quarantine", "list", "--table", "raw.shop_item"),
                list -> list.contains("(1 row)") && list.contains("\"id\":\"8\""));
        awaitItems(pipeline, "[1,3,4,5,6,7]");

        Eventually.within(
                BOUND,
                () -> levada(pipeline, 0, "quarantine", "list", "--all", "--table", "drops_rows"),
                list -> list.contains("FILES-REPLAYED") && list.contains("(3 rows)"));
        assertThat(levada(pipeline, 0, "quarantine", "list", "--table", "drops_rows"))
                .as("what still does not fit is open once")
                .contains("(1 row)");
        assertThat(levada(pipeline, 1, "quarantine", "drop", "--table", "drops_rows"))
                .contains("LOCAL-NOT-CONFIRMED");
        assertThat(levada(pipeline, 0, "quarantine", "drop", "--table", "drops_rows", "--yes"))
                .contains("1 rows of raw.drops_rows are settled");
        assertThat(levada(pipeline, 0, "quarantine", "list")).contains("(1 row)");
        assertThat(levada(pipeline, 0, "quarantine", "list", "--all", "--table", "drops_rows"))
                .contains("bad.csv");
    }

    /// What is exported whole, and what is not.
    private static void exports(PipelineProcess pipeline) {
        String ten = "(VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))";
        String tenThousand = "SELECT 1 AS n FROM %1$s a, %1$s b, %1$s c, %1$s d".formatted(ten);
        assertThat(levada(pipeline, 0, "query", tenThousand + ", (VALUES (1), (2)) e", "--format", "csv")
                        .lines())
                .hasSize(20_001);
        assertThat(levada(
                        pipeline, 1, "query", tenThousand + ", " + ten + " e, (VALUES (1), (2)) f", "--format", "csv"))
                .contains("LOCAL-RESULT-CUT");
    }

    private void replacesAFile(PipelineProcess pipeline) throws Exception {
        Files.writeString(project.resolve("inbox/daily.csv"), "a,b\n5,6\n7,8\n");
        String rows = "SELECT list(a ORDER BY a) FROM stage.drops_rows";
        Eventually.within(BOUND, () -> assertThat(one(pipeline, rows)).isEqualTo("[1,5,7]"));
        Files.writeString(project.resolve("inbox/daily.csv"), "a,b\n9,9\n");
        Eventually.within(BOUND, () -> assertThat(one(pipeline, rows)).isEqualTo("[1,9]"));
    }

    private void define(EmbeddedPostgresServer postgres) throws Exception {
        Files.createDirectories(project.resolve("inbox"));
        Files.writeString(project.resolve("levada.yaml"), """
                project: operator
                flush: 200ms
                sources:
                  shop:
                    type: postgres
                    url: %s
                    user: %s
                    password: %s
                    tables: [item]
                  drops:
                    type: files
                    path: inbox
                    format: csv
                    table: rows
                    changed-files: replace
                """.formatted(
                        postgres.url("shop"), postgres.user(), postgres.password()));
    }

    private static String items(PipelineProcess pipeline) throws Exception {
        return one(pipeline, ITEMS);
    }

    private static void awaitItems(PipelineProcess pipeline, String wanted) {
        Eventually.within(BOUND, () -> items(pipeline), wanted::equals);
    }

    private static String one(PipelineProcess pipeline, String sql) throws Exception {
        try {
            return pipeline.query(sql).path(0).path(0).toString();
        } catch (IllegalStateException e) {
            // The table is not there yet.
            return "";
        }
    }

    private static String levada(PipelineProcess pipeline, int exitCode, String... arguments) {
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--url";
        all[arguments.length + 1] = pipeline.ports().url(LevadaService.QUERY);
        return command(exitCode, all);
    }

    /// What a command says.
    private static String command(int exitCode, String... arguments) {
        StringWriter said = new StringWriter();
        CommandLine command = Levada.commandLine();
        command.setOut(new PrintWriter(said));
        command.setErr(new PrintWriter(said));
        assertThat(command.execute(arguments)).as(() -> said.toString()).isEqualTo(exitCode);
        return said.toString();
    }

    private static String text(EmbeddedPostgresServer postgres, String sql) throws Exception {
        try (Connection connection = postgres.connect("shop");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
