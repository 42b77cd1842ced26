package io.levada.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class SourceStateTest {
    private static final CapturePosition AT = CapturePosition.startingAt(100);

    @Test
    void publishesWhichTablesAreLoadedAgainUntilAllOfTheLoadIsOffered() {
        SourceState state = new SourceState("shop");
        state.present(Set.of("person", "order"));
        LoadPlan first = LoadPlan.wanted("person", 1, "0001-1");
        state.note(first);
        state.note(LoadPlan.wanted("order", 1, "0001-1"));
        assertThat(state.published(AT).loading()).as("the first load").isEmpty();

        LoadPlan again = first.again();
        state.note(again);
        assertThat(state.published(AT).loading()).containsExactly("levada.changes.shop.person");
        LoadPlan inSteps = again.inSteps("0001-2", "1:1:", "1", 10, 2);
        state.note(inSteps.offered(1));
        assertThat(state.published(AT).loading()).containsExactly("levada.changes.shop.person");
        state.note(inSteps.offered(2));
        assertThat(state.published(AT).loading()).isEmpty();
        state.present(Set.of("order"));
        assertThat(state.published(AT).loading())
                .as("a table that is not captured")
                .isEmpty();
    }
}
