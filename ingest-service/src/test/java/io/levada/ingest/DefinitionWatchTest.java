package io.levada.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.DefinitionReader;
import io.levada.definition.SelectInspector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DefinitionWatchTest {
    @TempDir
    private Path directory;

    @Test
    void saysWhichTablesARestartWouldAddAndTakeOut() throws IOException {
        DefinitionWatch watch = watching("[customer, ledger]");
        assertThat(watch.difference()).isEmpty();

        write("[customer, audit.entry]");
        assertThat(watch.difference())
                .hasValue(
                        "levada.yaml has changed (bank: + audit.entry; bank: - public.ledger): restart the pipeline to"
                                + " apply it");

        write("[customer, ledger]");
        assertThat(watch.difference()).isEmpty();
    }

    @Test
    void saysThatAWrongDefinitionIsNotTaken() throws IOException {
        DefinitionWatch watch = watching("[customer]");

        write("none");

        assertThat(watch.difference().orElseThrow())
                .contains("has problems")
                .contains("the definition read at start goes on");
    }

    private DefinitionWatch watching(String tables) throws IOException {
        write(tables);
        SelectInspector unread = sql -> new SelectInspector.Inspection.Select(Set.of());
        return new DefinitionWatch(
                DefinitionReader.read(directory, _ -> null, unread).orThrow(), _ -> null);
    }

    private void write(String tables) throws IOException {
        Files.writeString(directory.resolve("levada.yaml"), """
                project: bank
                sources:
                  bank: {type: postgres, url: "jdbc:postgresql://db:5432/bank", user: levada, tables: %s}
                """.formatted(tables));
    }
}
