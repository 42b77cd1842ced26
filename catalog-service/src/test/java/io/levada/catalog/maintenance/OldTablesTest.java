package io.levada.catalog.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.iceberg.TableProperties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OldTablesTest {
    private static final String RAW = "raw.s_t";

    private MaintainedLake lake;

    @BeforeEach
    void open(@TempDir Path directory) {
        lake = new MaintainedLake(directory);
        lake.createRaw(RAW);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    private long metadataFiles() throws Exception {
        try (Stream<Path> files = Files.list(Path.of(lake.table(RAW).location(), "metadata"))) {
            return files.filter(file -> file.toString().endsWith(".metadata.json"))
                    .count();
        }
    }

    @Test
    void boundsTheMetadataFilesOfATableThatWasMadeWithoutABound() throws Exception {
        LongStream.range(0, 30).forEach(id -> lake.append(RAW, id));
        assertThat(metadataFiles()).isEqualTo(31);

        assertThat(OldTables.bound(lake.catalog(), RAW)).isTrue();
        LongStream.range(30, 40).forEach(id -> lake.append(RAW, id));

        // The present one and twenty before it; those that the table's log did not name any more are orphans.
        assertThat(lake.table(RAW).operations().current().previousFiles()).hasSize(20);
        assertThat(metadataFiles()).isEqualTo(21);
        assertThat(OldTables.bound(lake.catalog(), RAW)).isFalse();
    }

    @Test
    void leavesWhatSomebodyHasSet() {
        lake.table(RAW)
                .updateProperties()
                .set(TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "3")
                .commit();

        assertThat(OldTables.bound(lake.catalog(), RAW)).isTrue();

        assertThat(lake.table(RAW).properties())
                .containsEntry(TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "3")
                .containsEntry(TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "true");
    }

    @Test
    void leavesATableAloneThatIsToKeepThem() {
        lake.table(RAW)
                .updateProperties()
                .set(TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "false")
                .commit();

        assertThat(OldTables.bound(lake.catalog(), RAW)).isFalse();

        assertThat(lake.table(RAW).properties())
                .containsEntry(TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "false");
    }
}
