package io.levada.catalog.erasure;

import static io.levada.catalog.erasure.ErasedLake.RAW;
import static org.assertj.core.api.Assertions.assertThat;

import io.levada.catalog.PeopleLake.Row;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ErasedRowsTest {
    private ErasedLake lake;

    @BeforeEach
    void open(@TempDir Path directory) {
        lake = new ErasedLake(directory);
        lake.createRaw();
    }

    @AfterEach
    void close() {
        lake.close();
    }

    /// What is left once a key is erased.
    private List<String> without(String key) {
        Erasure erasure = lake.eraser().order(RAW, List.of(key));
        lake.advance(erasure);
        return lake.history();
    }

    @Test
    void takesAllRowsThatEverHadTheKeyAndNoOthers() {
        lake.land(Row.of("r", 0, 1, "Ada"), Row.of("r", 0, 2, "Bob"));
        lake.land(Row.of("u", 1, 1, "Ada L."), Row.of("d", 2, 1, ""), Row.of("c", 3, 1, "Ann"));
        lake.land(Row.of("c", 4, 10, "Cy"), Row.of("u", 5, 2, "Bo"));

        assertThat(without("1")).containsExactly("0 r 2 Bob", "4 c 10 Cy", "5 u 2 Bo");
    }

    @Test
    void followsARowToTheKeysThatItHadBeforeAndAfter() {
        lake.land(Row.of("c", 1, 1, "Ada"), Row.of("u", 2, 1, "Ada L."));
        lake.land(Row.moved(3, 1, 2, "Ada L."), Row.of("u", 4, 2, "Ada M."));
        lake.land(Row.moved(5, 2, 3, "Ada M."), Row.of("u", 6, 3, "Ada N."), Row.of("c", 7, 9, "Ivy"));

        assertThat(without("2")).containsExactly("7 c 9 Ivy");
    }

    @ParameterizedTest
    @ValueSource(strings = {"100", "200", "300", "400"})
    void followsARowThroughSeveralKeysFromWhicheverOfThem(String key) {
        lake.land(Row.of("c", 1, 100, "Ada"), Row.of("c", 2, 5, "Ivy"));
        lake.land(Row.moved(3, 100, 200, "Ada L."));
        lake.land(Row.moved(4, 200, 300, "Ada M."));
        lake.land(Row.moved(5, 300, 400, "Ada N."), Row.of("u", 6, 400, "Ada O."));

        assertThat(without(key)).containsExactly("2 c 5 Ivy");
    }

    @Test
    void leavesOthersAloneWhoHadOneOfTheKeysAtAnotherTime() {
        // Bob had key 5 before Ada, who left it for 6; Eve has 5 since.
        lake.land(Row.of("c", 1, 5, "Bob"), Row.of("d", 2, 5, "Bob"), Row.of("c", 3, 5, "Ada"));
        lake.land(Row.moved(4, 5, 6, "Ada"), Row.of("c", 5, 5, "Eve"), Row.of("u", 6, 5, "Eve E."));
        // Ada leaves key 6, which Kim takes, and is deleted as 7, which Lee takes.
        lake.land(Row.moved(7, 6, 7, "Ada"), Row.of("c", 8, 6, "Kim"), Row.of("d", 9, 7, "Ada"));
        lake.land(Row.of("c", 10, 7, "Lee"));

        // Asked for by the key that Ada had in between, Kim's rows go too: they had that key.
        assertThat(without("6"))
                .containsExactlyInAnyOrder("1 c 5 Bob", "2 d 5 Bob", "5 c 5 Eve", "6 u 5 Eve E.", "10 c 7 Lee");
    }

    @Test
    void endsWhereTwoRowsSwapTheirKeysAgainAndAgain() {
        lake.land(Row.of("c", 1, 1, "Ada"), Row.of("c", 2, 2, "Bob"));
        lake.land(Row.moved(3, 1, 3, "Ada"), Row.moved(4, 2, 1, "Bob"), Row.moved(5, 3, 2, "Ada"));
        lake.land(Row.moved(6, 1, 3, "Bob"), Row.moved(7, 2, 1, "Ada"), Row.moved(8, 3, 2, "Bob"));
        lake.land(Row.of("c", 9, 4, "Cy"));

        // Both have had the key.
        assertThat(without("1")).containsExactly("9 c 4 Cy");
    }

    @Test
    void tellsWhetherTheSourceStillHasTheRow() {
        lake.land(Row.of("c", 1, 1, "Ada"), Row.of("c", 2, 2, "Bob"), Row.of("d", 3, 2, "Bob"));
        lake.land(Row.of("c", 4, 3, "Cy"), Row.moved(5, 3, 4, "Cy"));

        assertThat(lake.eraser().preview(RAW, List.of("1")).alive()).isTrue();
        assertThat(lake.eraser().preview(RAW, List.of("2")).alive()).isFalse();
        assertThat(lake.eraser().preview(RAW, List.of("3")).alive()).isFalse();
        assertThat(lake.eraser().preview(RAW, List.of("id=4")).rows()).isEqualTo(2);
        assertThat(lake.eraser().preview(RAW, List.of("5")).rows()).isZero();
    }
}
