package io.levada.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.PostgresSource;
import io.levada.definition.Secret;
import io.levada.definition.SourceTable;
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
}
