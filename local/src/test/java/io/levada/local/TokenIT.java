package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A whole pipeline whose catalog-service demands tokens: every service sends its own, and so does the command that
/// runs
/// them.
class TokenIT {
    @Test
    void everyStageIsPassed(@TempDir Path directory) throws Exception {
        Path project = Files.createDirectory(directory.resolve("project"));
        Files.createDirectory(project.resolve("inbox"));
        Files.writeString(project.resolve("inbox/rows.csv"), "id,town\n1,Faro\n2,Faro\n3,Lagos\n");
        Files.writeString(project.resolve("towns.sql"), "SELECT town, count(*) AS n FROM raw.drops_rows GROUP BY town");
        Files.writeString(project.resolve("levada.yaml"), """
                project: tokens
                flush: 200ms
                sources: {drops: {type: files, path: inbox, format: csv, table: rows}}
                tables: {curated.towns: {sql: towns.sql}}
                warehouse: {loads: {mart.towns: {from: curated.towns, key: [town]}}}
                catalog:
                  tokens: {levada: own-0123456789-0123456789, spark: spark-0123456789-0123456789}
                """);

        String said = PipelineProcess.runOnce(project, directory.resolve("data"));

        assertThat(said)
                .containsPattern("raw\\.drops_rows +3\\n")
                .containsPattern("curated\\.towns +2\\n")
                .containsPattern("warehouse mart\\.towns +2\\n")
                .contains("Everything has passed every stage")
                .doesNotContain("401", "own-0123456789");
    }
}
