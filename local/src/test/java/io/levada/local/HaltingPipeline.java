package io.levada.local;

import io.levada.catalog.CommitSteps;
import io.levada.definition.PipelineDefinition;
import io.levada.ingest.landing.LandingStep;
import io.levada.ingest.landing.LandingSteps;
import io.levada.transform.TransformSteps;
import io.levada.warehouse.LoadSteps;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;

/// The whole pipeline, which halts the JVM, as a crash would, the first time it reaches one step of one table.
///
/// Arguments: project, data directory, port, step (`landing.FILE_CLOSED`, ..., `snapshot.FILE_CLOSED`, ... where it is
/// that of an initial load), table.
final class HaltingPipeline {
    /// The JVM's exit code at the step; the same as after kill -9.
    static final int HALTED = 137;

    private static final Set<Thread> LOADING = ConcurrentHashMap.newKeySet();

    private HaltingPipeline() {}

    public static void main(String[] arguments) throws Exception {
        PipelineDefinition definition = new ProjectReader(System::getenv).read(Path.of(arguments[0]));
        DataDirectory data = DataDirectory.open(Path.of(arguments[1]));
        Logs.writeTo(data.logs());
        LocalPipeline.start(
                definition,
                data,
                new LocalPorts(Integer.parseInt(arguments[2])),
                false,
                List.of(listeners(arguments[3], arguments[4])));
        Thread.sleep(Long.MAX_VALUE);
    }

    private static ApplicationContextInitializer<GenericApplicationContext> listeners(String step, String table) {
        LandingSteps landing = (reached, at) -> {
            if (reached == LandingStep.LOAD_BEGUN) {
                LOADING.add(Thread.currentThread());
            }
            String work = LOADING.contains(Thread.currentThread()) ? "snapshot." : "landing.";
            halt(work + reached, at, step, table);
        };
        CommitSteps commits = (reached, at) -> halt("commit." + reached, at, step, table);
        TransformSteps results = (reached, at) -> halt("transform." + reached, at, step, table);
        LoadSteps loads = (reached, at) -> halt("load." + reached, at, step, table);
        return context -> {
            context.registerBean(LandingSteps.class, () -> landing);
            context.registerBean(CommitSteps.class, () -> commits);
            context.registerBean(TransformSteps.class, () -> results);
            context.registerBean(LoadSteps.class, () -> loads);
        };
    }

    private static void halt(String reached, String at, String step, String table) {
        if (reached.equals(step) && at.equals(table)) {
            Runtime.getRuntime().halt(HALTED);
        }
    }
}
