package io.levada.catalog.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.lake.ContentSnapshot;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.iceberg.ManifestFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestRewriteTest {
    private static final String RAW = "raw.s_t";

    private MaintainedLake lake;

    @BeforeEach
    void open(@TempDir Path directory) {
        lake = new MaintainedLake(directory);
        lake.createRaw(RAW);
        lake.table(RAW)
                .updateProperties()
                .set("commit.manifest-merge.enabled", "false")
                .commit();
    }

    @AfterEach
    void close() {
        lake.close();
    }

    private List<ManifestFile> manifests() {
        return lake.table(RAW).currentSnapshot().allManifests(lake.table(RAW).io());
    }

    private int rewrite() {
        return lake.manifests(MaintainedLake.NO_STEPS).rewrite(RAW);
    }

    @Test
    void makesOneOfManySmallOnesAndKeepsFilesAndRows() throws Exception {
        LongStream.range(0, 20).forEach(id -> lake.append(RAW, id));
        List<String> files = lake.files(RAW);
        long content = lake.table(RAW).currentSnapshot().snapshotId();
        assertThat(manifests()).hasSize(20);

        int rewritten = rewrite();

        assertThat(rewritten).isEqualTo(20);
        assertThat(manifests()).hasSize(1);
        assertThat(lake.files(RAW)).containsExactlyInAnyOrderElementsOf(files);
        assertThat(lake.ids(RAW)).hasSize(20);
        assertThat(ContentSnapshot.current(lake.table(RAW))).isEqualTo(content);
        assertThat(lake.announced).containsExactly(RAW);
    }

    @Test
    void leavesFewAloneAndThoseThatItHasMade() {
        assertThat(rewrite()).isZero();
        LongStream.range(0, 19).forEach(id -> lake.append(RAW, id));
        assertThat(rewrite()).isZero();
        assertThat(manifests()).hasSize(19);

        lake.append(RAW, 19);
        assertThat(rewrite()).isEqualTo(20);
        assertThat(rewrite()).isZero();
        assertThat(lake.announced).hasSize(1);
    }
}
