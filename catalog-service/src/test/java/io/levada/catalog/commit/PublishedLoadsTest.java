package io.levada.catalog.commit;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.catalog.PeopleLake;
import io.levada.catalog.UnsettledEvent;
import io.levada.events.FilesWritten;
import io.levada.events.PublishedPosition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.Table;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishedLoadsTest {
    private static final String TOPIC = "levada.changes.shop.person";

    private final PublishedPositions positions = new PublishedPositions();
    private final List<UnsettledEvent> events = new ArrayList<>();
    private final PublishedLoads loads = new PublishedLoads(positions, each -> events.forEach(each));

    private void published(String... loading) {
        positions.published(new PublishedPosition("shop", "0001-10", "0/10", null, Map.of(), Set.of(loading)));
    }

    @Test
    void tellsFromWhenALoadIsWantedUntilTheTableHoldsIt(@TempDir Path directory) {
        try (PeopleLake lake = new PeopleLake(directory)) {
            lake.createRaw(Map.of());
            Table table = lake.table(PeopleLake.RAW);
            assertThat(loads.mayBeLoading(PeopleLake.RAW, table))
                    .as("before the source is heard of")
                    .isTrue();
            published("levada.changes.shop.other");
            events.add(new UnsettledEvent(
                    PeopleLake.RAW, FilesWritten.changes("changes", PeopleLake.RAW, 0, List.of(), List.of())));
            assertThat(loads.mayBeLoading(PeopleLake.RAW, table))
                    .as("changes are no load")
                    .isFalse();

            published(TOPIC);
            assertThat(loads.mayBeLoading(PeopleLake.RAW, table)).as("wanted").isTrue();
            published();
            events.add(new UnsettledEvent(PeopleLake.RAW, null));
            assertThat(loads.mayBeLoading(PeopleLake.RAW, table))
                    .as("an event that can not be read")
                    .isTrue();
            events.clear();
            assertThat(loads.mayBeLoading(PeopleLake.RAW, table))
                    .as("committed")
                    .isFalse();
            assertThat(new PublishedLoads(positions, _ -> {
                                throw new KafkaException("away");
                            })
                            .mayBeLoading(PeopleLake.RAW, table))
                    .as("not known")
                    .isTrue();
        }
    }
}
