package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerEndTest {
    @TempDir
    private Path directory;

    @Test
    void saysThatTheDiskIsFullWhereItIs() throws Exception {
        try (DataDirectory data = DataDirectory.open(directory)) {
            assertThat(BrokerEnd.lastWords(data, Long.MAX_VALUE))
                    .startsWith("LOCAL-DISK-FULL ")
                    .contains("Next: Give it");
        }
    }

    @Test
    void pointsToTheLogWhereThereIsSpace() throws Exception {
        try (DataDirectory data = DataDirectory.open(directory)) {
            assertThat(BrokerEnd.lastWords(data, 0))
                    .startsWith("LOCAL-BROKER-ENDED ")
                    .contains(data.logs().toString());
        }
    }
}
