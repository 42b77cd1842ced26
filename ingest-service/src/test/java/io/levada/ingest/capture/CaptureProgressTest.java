package io.levada.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.PostgresSource;
import io.levada.definition.Secret;
import io.levada.definition.SourceTable;
import io.levada.ingest.IngestError;
import io.levada.ingest.quarantine.QuarantineCounts;
import java.util.List;
import org.junit.jupiter.api.Test;

class CaptureProgressTest {
    private static final PostgresSource SOURCE = new PostgresSource(
            "bank",
            "jdbc:postgresql://localhost/bank",
            "levada",
            new Secret("secret"),
            List.of(new SourceTable("public", "t", "t")));

    private static final SourceProblem PROBLEM =
            new SourceProblem(IngestError.CAPTURE_UNKNOWN_TABLE, "There is no table public.t", "Create it");

    private final CaptureProgress progress = new CaptureProgress(SOURCE, new QuarantineCounts());

    @Test
    void saysNothingOfASlotThatKeepsPace() {
        progress.slot(new SlotHealth(SOURCE.logLimit(), "reserved", null));

        assertThat(progress.status().alarms()).isEmpty();
        assertThat(progress.status().retainedBytes()).isEqualTo(SOURCE.logLimit());
    }

    @Test
    void warnsOfLogThatTheServerMayRemoveAndOfTooMuchOfIt() {
        progress.slot(new SlotHealth(SOURCE.logLimit() + 1, "unreserved", 0L));

        assertThat(progress.status().alarms())
                .extracting(SourceStatus.Alarm::code)
                .containsExactly("CAPTURE-SLOT-UNRESERVED", "CAPTURE-LOG-LIMIT");
        assertThat(progress.status().alarms())
                .allSatisfy(alarm -> assertThat(alarm.nextStep()).isNotBlank());
    }

    @Test
    void warnsNoMoreOnceTheSlotIsGone() {
        progress.slot(new SlotHealth(SOURCE.logLimit() + 1, "unreserved", 0L));
        progress.slot(null);

        assertThat(progress.status().alarms()).isEmpty();
    }

    @Test
    void givesTheNextStepOfAFailedTableApartFromWhatIsWrong() {
        progress.tableFailed("t", PROBLEM);

        assertThat(progress.status().tables()).singleElement().satisfies(table -> {
            assertThat(table.code()).isEqualTo("CAPTURE-UNKNOWN-TABLE");
            assertThat(table.message()).isEqualTo("There is no table public.t");
            assertThat(table.nextStep()).isEqualTo("Create it");
        });
    }

    @Test
    void saysNoMoreOfATableThatHasFailedOnceItIsLoaded() {
        progress.tableFailed("t", PROBLEM);
        progress.tableLoads("t", 1, 10);

        assertThat(progress.status().tables()).singleElement().satisfies(table -> {
            assertThat(table.code()).isNull();
            assertThat(table.message()).isNull();
            assertThat(table.nextStep()).isNull();
        });
    }
}
