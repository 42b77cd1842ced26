package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/// What the terminal shows of quarantine.
final class QuarantineOutputTest {
    /// As it is after a restart: nothing was put aside since the process's start.
    private static final String RESTARTED = """
            {"ingest": {"reachable": true, "url": "http://127.0.0.1:1", "status": {"sources": [
                 {"name": "sales", "folder": "/inbox", "table": "raw.sales_orders", "state": "WATCHING",
                  "seen": 1, "arrived": 1, "landed": 1, "quarantinedFiles": 0, "quarantinedRows": 0}]}},
             "catalog": {"reachable": true, "status": {"parked": [], "tables": [
                 {"name": "raw.quarantine", "rows": 7, "bytes": 2048, "completeTo": {}, "properties": {}}]}}}""";

    private static final String CLEAN = RESTARTED.replace("raw.quarantine", "raw.sales_orders");

    private final StringWriter out = new StringWriter();

    private int levada(String... arguments) {
        CommandLine command = Levada.commandLine();
        command.setOut(new PrintWriter(out));
        return command.execute(arguments);
    }

    @Test
    void statusShowsAfterARestartWhatIsOpenInQuarantine() throws IOException {
        try (PipelineAnswers pipeline =
                new PipelineAnswers(RESTARTED, 200, succeeded("[\"sales\", \"raw.sales_orders\", 6, 1]"))) {
            int exitCode = levada("status", "--url", pipeline.url());

            assertThat(exitCode).isZero();
            assertThat(out.toString())
                    .containsPattern("sales .* 5 rows, 1 file\n")
                    .containsPattern("raw.sales_orders +sales +5 rows, 1 file\n")
                    .contains("Next step: ./levada quarantine list");
            assertThat(pipeline.queries()).hasSize(1);
        }
    }

    @Test
    void statusAsksNothingWhereNothingWasEverPutAside() throws IOException {
        try (PipelineAnswers pipeline = new PipelineAnswers(CLEAN, 500, "")) {
            int exitCode = levada("status", "--url", pipeline.url());

            assertThat(exitCode).isZero();
            assertThat(out.toString()).contains("0 rows, 0 files\n").doesNotContain("Quarantine\n");
            assertThat(pipeline.queries()).isEmpty();
        }
    }

    @Test
    void statusDoesNotFailWhereTheQueryIsRefused() throws IOException {
        String problem = """
                {"code": "QUERY-BUSY", "detail": "100 queries wait", "nextStep": "Try again"}""";
        try (PipelineAnswers pipeline = new PipelineAnswers(RESTARTED, 429, problem)) {
            int exitCode = levada("status", "--url", pipeline.url());

            assertThat(exitCode).isZero();
            assertThat(out.toString())
                    .contains("0 rows, 0 files since the start")
                    .contains("7 rows in raw.quarantine; how many are open can not be told")
                    .contains("100 queries wait");
        }
    }

    @Test
    void listFitsIntoATerminalAndShowsNoBytesOfWholeFiles() throws IOException {
        String path = "/data/" + "folder/".repeat(30);
        String wholeFile = "[\"raw.sales_orders\", \"FILES-NOT-CSV\", \"the whole file: it holds NUL bytes; it is"
                + " kept as " + path + "\", \"logo.csv\", \"2026-11-22T02:31:45.002103Z\", null]";
        String record = "[\"raw.sales_orders\", \"FILES-FIELD-COUNT\", \"the record has 4 fields\", \"one.csv:2\","
                + " \"2026-11-22T02:31:42Z\", \"" + base64("4,5,6,7") + "\"]";
        try (PipelineAnswers pipeline = new PipelineAnswers(RESTARTED, 200, succeeded(wholeFile + "," + record))) {
            int exitCode = levada("quarantine", "list", "--url", pipeline.url());

            assertThat(exitCode).isZero();
            assertThat(pipeline.queries())
                    .singleElement()
                    .asString()
                    .contains("CASE WHEN file IS NOT NULL AND line IS NULL THEN NULL ELSE raw END");
            assertThat(out.toString().lines())
                    .containsExactly(
                            "table             code               reason" + " ".repeat(96)
                                    + "where      when                  row",
                            "----------------  -----------------  " + "-".repeat(100)
                                    + "  ---------  --------------------  -------",
                            "raw.sales_orders  FILES-NOT-CSV      the whole file: it holds NUL bytes; it is kept as "
                                    + path.substring(0, 46) + " ...  logo.csv   2026-11-22T02:31:45Z",
                            "raw.sales_orders  FILES-FIELD-COUNT  the record has 4 fields" + " ".repeat(79)
                                    + "one.csv:2  2026-11-22T02:31:42Z  4,5,6,7",
                            "What is cut is whole in raw.quarantine: ./levada query \"SELECT file, position, reason, raw FROM"
                                    + " raw.quarantine\"",
                            "(2 rows)");
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String succeeded(String rows) {
        return "{\"state\": \"SUCCEEDED\", \"rows\": [" + rows + "]}";
    }
}
