package io.levada.local;

import io.levada.definition.DatabaseSource;
import io.levada.definition.DefinitionOutcome;
import io.levada.definition.PipelineDefinition;
import io.levada.definition.PostgresSource;
import io.levada.definition.Problem;
import io.levada.ingest.DefinitionNotice;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes a running pipeline follow its `levada.yaml` and SQL files. A definition that is wrong, or that changes what a
/// running pipeline can not take over, changes nothing; one with which a service does not start is taken back.
///
/// Used by one thread, but for [#difference()].
final class LiveDefinition implements DefinitionNotice {
    private static final Logger LOG = LoggerFactory.getLogger(LiveDefinition.class);

    /// Starts services anew with another definition.
    @FunctionalInterface
    interface Restart {
        /// @return false where nothing was started because `stop` is counted down
        /// @throws LocalException where one of them does not start
        boolean apply(PipelineDefinition next, Set<LevadaService> services, CountDownLatch stop);
    }

    private final ProjectWatch watch;
    private final CountDownLatch stop;
    private final Consumer<String> console;
    private final Set<String> slotsLeft = new TreeSet<>();
    private final Set<LevadaService> away = EnumSet.noneOf(LevadaService.class);
    private boolean broken;
    private PipelineDefinition running;
    private volatile @Nullable String refusal;
    private volatile @Nullable String leftSlots;

    /// @param running what the pipeline is started with
    /// @param stop counted down when the user wants to stop: nothing is started any more
    /// @param console takes a line for each thing that happens
    LiveDefinition(ProjectWatch watch, PipelineDefinition running, CountDownLatch stop, Consumer<String> console) {
        this.watch = watch;
        this.running = running;
        this.stop = stop;
        this.console = console;
    }

    @Override
    public Optional<String> difference() {
        String words = Stream.of(Optional.ofNullable(refusal), Optional.ofNullable(leftSlots))
                .flatMap(Optional::stream)
                .collect(Collectors.joining("\n"));
        return words.isEmpty() ? Optional.empty() : Optional.of(words);
    }

    /// Applies what has changed since the last call. Takes as long as the services need to start anew.
    void look(Restart pipeline) {
        if (broken) {
            restore(pipeline);
        }
        watch.look().ifPresent(outcome -> {
            switch (outcome) {
                case DefinitionOutcome.Valid(PipelineDefinition next) ->
                    changed(pipeline, new DefinitionChange(running, next));
                case DefinitionOutcome.Invalid(List<Problem> problems) ->
                    refuse(
                            "The changed definition has %d problem%s, so nothing of it is applied and what ran goes on: %s"
                                    .formatted(
                                            problems.size(),
                                            problems.size() == 1 ? "" : "s",
                                            problems.getFirst()
                                                    + (problems.size() == 1
                                                            ? ""
                                                            : " (./levada validate " + watch.directory()
                                                                    + " lists all)")));
            }
        });
    }

    private void changed(Restart pipeline, DefinitionChange change) {
        if (change.isEmpty()) {
            if (refusal != null) {
                refusal = null;
                say("The definition is again the one that runs");
            }
            return;
        }
        if (!change.fixed().isEmpty()) {
            refuse("The changed definition has another " + String.join(" and ", change.fixed())
                    + ", which a running pipeline can not take over, so nothing of it is applied and what ran goes on:"
                    + " stop the pipeline and start it again, or take that change back");
            return;
        }
        apply(pipeline, change);
    }

    private void apply(Restart pipeline, DefinitionChange change) {
        long start = System.nanoTime();
        Set<LevadaService> services = change.services();
        say("The definition has changed: " + String.join("; ", change.words()));
        try {
            if (!pipeline.apply(change.next(), services, stop)) {
                return;
            }
        } catch (LocalException e) {
            takeBack(pipeline, services, e);
            return;
        }
        running = change.next();
        refusal = null;
        noteSlots(change);
        say(String.format(
                Locale.ROOT,
                "Applied in %.1f s; %s",
                (System.nanoTime() - start) / 1e9,
                services.isEmpty() ? "no service was started anew" : labels(services) + " started anew"));
    }

    private void takeBack(Restart pipeline, Set<LevadaService> services, LocalException failure) {
        refuse(LocalError.APPLY_FAILED.code() + " The changed definition could not be applied ("
                + failure.getMessage()
                + "); the one before it is in force again: mend what is said, and save a file of the project to try"
                + " once more");
        away.addAll(services);
        broken = true;
        restore(pipeline);
    }

    /// Starts what does not run with the definition that is in force. Where it can not, it is tried at the next look.
    private void restore(Restart pipeline) {
        try {
            if (pipeline.apply(running, away, stop)) {
                say((away.isEmpty() ? "The sources" : labels(away)) + " run again");
                away.clear();
                broken = false;
            }
        } catch (LocalException e) {
            say("What ran before did not start and will be tried again: " + e.getMessage());
        }
    }

    private void noteSlots(DefinitionChange change) {
        slotsLeft.removeAll(change.next().sources().keySet());
        for (DatabaseSource source : change.databasesTakenOut()) {
            if (source instanceof PostgresSource) {
                slotsLeft.add(source.name());
            }
        }
        leftSlots = slotsLeft.isEmpty()
                ? null
                : slotsLeft.stream()
                        .map(name -> "Source " + name + " was taken out; its tables stay. Unless `./levada source drop "
                                + name + "` had removed its slot before, its server keeps log for it: to give it up for"
                                + " good, put it back, drop it, and take it out again")
                        .collect(Collectors.joining("\n"));
    }

    private void refuse(String words) {
        refusal = words;
        say(words);
    }

    private void say(String words) {
        LOG.atInfo().log(words);
        console.accept(words);
    }

    private static String labels(Set<LevadaService> services) {
        return services.stream().map(LevadaService::label).collect(Collectors.joining(", "));
    }
}
