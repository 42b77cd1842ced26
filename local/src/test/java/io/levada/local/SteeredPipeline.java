package io.levada.local;

import io.levada.catalog.CommitStep;
import io.levada.catalog.CommitSteps;
import io.levada.definition.PipelineDefinition;
import io.levada.ingest.landing.LandingStep;
import io.levada.ingest.landing.LandingSteps;
import io.levada.transform.TransformStep;
import io.levada.transform.TransformSteps;
import io.levada.warehouse.LoadStep;
import io.levada.warehouse.LoadSteps;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;

/// The whole pipeline, which marks the phases that it is in, and says when it is in the one in which it is to be
/// killed. Short phases are held open for a while then, so that the kill finds them.
///
/// Arguments: project, data directory, port, phase, milliseconds after which the phase counts, file of marks.
final class SteeredPipeline {
    private static final Duration HOLD = Duration.ofSeconds(3);

    /// Tells the files that are copied from those of an earlier round, which are landed meanwhile.
    private static final String SPOOLED = "spooled:";

    private final PhaseMarks marks;
    private final @Nullable Phase wanted;
    private final long armedAt;
    private final AtomicBoolean reached = new AtomicBoolean();
    private final Set<Thread> loading = ConcurrentHashMap.newKeySet();

    private SteeredPipeline(PhaseMarks marks, @Nullable Phase wanted, Duration armedAfter) {
        this.marks = marks;
        this.wanted = wanted;
        this.armedAt = System.nanoTime() + armedAfter.toNanos();
    }

    public static void main(String[] arguments) throws Exception {
        PipelineDefinition definition = new ProjectReader(System::getenv).read(Path.of(arguments[0]));
        DataDirectory data = DataDirectory.open(Path.of(arguments[1]));
        Logs.writeTo(data.logs());
        SteeredPipeline steered = new SteeredPipeline(
                new PhaseMarks(Path.of(arguments[5])),
                Phase.valueOf(arguments[3]),
                Duration.ofMillis(Long.parseLong(arguments[4])));
        LocalPipeline.start(
                definition, data, new LocalPorts(Integer.parseInt(arguments[2])), false, List.of(steered.listeners()));
        Thread.sleep(Long.MAX_VALUE);
    }

    /// Marks the phases that services are in, and holds nothing up.
    static ApplicationContextInitializer<GenericApplicationContext> marking(PhaseMarks marks) {
        return new SteeredPipeline(marks, null, Duration.ZERO).listeners();
    }

    private ApplicationContextInitializer<GenericApplicationContext> listeners() {
        return context -> {
            context.registerBean(LandingSteps.class, () -> this::landing);
            context.registerBean(CommitSteps.class, () -> this::commit);
            context.registerBean(TransformSteps.class, () -> this::curation);
            context.registerBean(LoadSteps.class, () -> this::warehouse);
        };
    }

    private void landing(LandingStep step, String table) {
        switch (step) {
            case LOAD_BEGUN -> {
                loading.add(Thread.currentThread());
                begun(Phase.LOAD, table);
            }
            case FILE_OPENED -> begun(Phase.STREAM, table);
            case FILE_SPOOLED -> begun(Phase.FILES, SPOOLED + table);
            case FILE_ANNOUNCED -> {
                marks.begun(Phase.FILES, table);
                marks.ended(Phase.FILES, SPOOLED + table);
            }
            case FILE_CLOSED, BEFORE_TRANSACTION -> {}
            case AFTER_TRANSACTION -> {
                if (loading.contains(Thread.currentThread())) {
                    marks.ended(Phase.LOAD, table);
                } else {
                    marks.ended(Phase.STREAM, table);
                    marks.ended(Phase.FILES, table);
                }
            }
        }
    }

    private void commit(CommitStep step, String table) {
        switch (step) {
            case BEFORE_COMMIT -> begun(Phase.COMMIT, table);
            case AFTER_COMMIT -> marks.ended(Phase.COMMIT, table);
            case BEFORE_SWEEP -> {}
        }
    }

    private void curation(TransformStep step, String table) {
        switch (step) {
            case BEGUN -> marks.begun(Phase.CURATION, table);
            case FILES_CLOSED -> begun(Phase.CURATION, table);
            case AFTER_OFFER -> marks.ended(Phase.CURATION, table);
        }
    }

    private void warehouse(LoadStep step, String target) {
        switch (step) {
            case BEFORE_COMMIT -> begun(Phase.WAREHOUSE, target);
            case AFTER_COMMIT -> marks.ended(Phase.WAREHOUSE, target);
        }
    }

    private void begun(Phase phase, String table) {
        marks.begun(phase, table);
        if (phase == wanted && System.nanoTime() - armedAt >= 0 && reached.compareAndSet(false, true)) {
            marks.killable(phase, table);
            if (phase != Phase.LOAD && phase != Phase.STREAM) {
                LockSupport.parkNanos(HOLD.toNanos());
            }
        }
    }
}
