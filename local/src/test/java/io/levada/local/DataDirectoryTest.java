package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.definition.LakeDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataDirectoryTest {
    @TempDir
    private Path parent;

    @Test
    void refusesASecondHolderAndNamesTheFirst() throws IOException {
        try (DataDirectory held = DataDirectory.open(parent.resolve("data"))) {
            assertThatThrownBy(() -> DataDirectory.open(held.root()))
                    .isInstanceOfSatisfying(LocalException.class, refused -> {
                        assertThat(refused.error()).isEqualTo(LocalError.DATA_LOCKED);
                        assertThat(refused)
                                .hasMessageContaining(
                                        "process " + ProcessHandle.current().pid())
                                .hasMessageContaining(held.root().toString());
                    });
        }
    }

    @Test
    void canBeTakenAgainOnceItIsLeft() throws IOException {
        DataDirectory.open(parent).close();

        try (DataDirectory again = DataDirectory.open(parent)) {
            assertThat(again.logs()).isDirectory();
        }
    }

    @Test
    void keepsTheLakeBelowItUnlessAnotherPlaceIsNamed() throws IOException {
        try (DataDirectory data = DataDirectory.open(parent)) {
            assertThat(data.lake(new LakeDefinition("./lake")))
                    .isEqualTo(parent.resolve("lake").toString());
            assertThat(data.lake(new LakeDefinition("/srv/lake"))).isEqualTo("/srv/lake");
            assertThat(data.lake(new LakeDefinition("s3://shop/lake"))).isEqualTo("s3://shop/lake");
        }
    }

    @Test
    void refusesToGoOnWhereThereIsTooLittleSpace() throws IOException {
        try (DataDirectory data = DataDirectory.open(parent)) {
            data.requireSpace(1);

            assertThatThrownBy(() -> data.requireSpace(Long.MAX_VALUE))
                    .isInstanceOfSatisfying(
                            LocalException.class,
                            refused -> assertThat(refused.error()).isEqualTo(LocalError.DISK_FULL));
        }
    }

    @Test
    void saysThatAFileIsNoDirectory() throws IOException {
        Path file = Files.writeString(parent.resolve("file"), "x");

        assertThatThrownBy(() -> DataDirectory.open(file))
                .isInstanceOfSatisfying(
                        LocalException.class,
                        refused -> assertThat(refused.error()).isEqualTo(LocalError.DATA_DIRECTORY));
    }
}
