package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

final class OnceRunTest {
    private final ByteArrayOutputStream console = new ByteArrayOutputStream();
    private final CountDownLatch interrupted = new CountDownLatch(1);

    @Test
    void waitsForEachStageInTurn() throws InterruptedException {
        PipelineStatus finished = new StatusFixture().status();
        Deque<PipelineStatus> statuses = new ArrayDeque<>(List.of(
                new StatusFixture()
                        .ingest("{\"endOfInput\": {\"reached\": false}}")
                        .status(),
                new StatusFixture().catalog("{\"tables\": []}").status(),
                new StatusFixture().transform("{\"settled\": false}").status(),
                new StatusFixture().warehouse("{\"settled\": false}").status(),
                finished));

        PipelineStatus end = run(statuses).await();

        assertThat(end).isSameAs(finished);
        assertThat(statuses).isEmpty();
    }

    @Test
    void saysWhatFailedWhenAStopLasts() {
        PipelineStatus stopped = new StatusFixture()
                .ingest(
                        "{\"sources\": [{\"name\": \"bank\", \"state\": \"STOPPED\", \"code\": \"CAPTURE-WAL-LEVEL\"}]}")
                .status();
        OnceRun run = new OnceRun(() -> stopped, progress(), interrupted);

        assertThatThrownBy(run::await).isInstanceOfSatisfying(LocalException.class, failed -> {
            assertThat(failed.error()).isEqualTo(LocalError.ONCE_FAILED);
            assertThat(failed).hasMessageContaining("source bank: CAPTURE-WAL-LEVEL");
        });
    }

    @Test
    void endsWhenTheUserStopsIt() {
        PipelineStatus running =
                new StatusFixture().transform("{\"settled\": false}").status();
        interrupted.countDown();

        assertThatThrownBy(new OnceRun(() -> running, progress(), interrupted)::await)
                .isInstanceOf(LocalException.class)
                .hasMessageContaining("Stopped");
    }

    private OnceRun run(Deque<PipelineStatus> statuses) {
        return new OnceRun(statuses::remove, progress(), interrupted);
    }

    private Progress progress() {
        return new Progress(new PrintStream(console, true, StandardCharsets.UTF_8));
    }
}
