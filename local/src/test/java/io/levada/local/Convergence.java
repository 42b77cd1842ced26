package io.levada.local;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/// Waits for the pipeline to catch up with a source: as long as the answer still changes. A backlog takes its time and
/// is told of; a standstill fails.
final class Convergence {
    private static final Duration STANDSTILL = Duration.ofMinutes(5);
    private static final Duration NEWS = Duration.ofMinutes(1);
    private static final Duration LOOK = Duration.ofMillis(250);

    private final Consumer<String> say;

    Convergence(Consumer<String> say) {
        this.say = say;
    }

    /// Asks until the answer is the expected one.
    ///
    /// @param what is asked for, in the news and the failure
    /// @throws AssertionError where neither the answer nor the failure to give one changed for [#STANDSTILL]
    void await(String what, Callable<String> question, String expected) throws InterruptedException {
        String last = "";
        long changed = System.nanoTime();
        long told = changed;
        while (true) {
            String answer;
            try {
                answer = question.call();
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception | AssertionError e) {
                answer = e.toString();
            }
            if (answer.equals(expected)) {
                return;
            }
            long now = System.nanoTime();
            if (!answer.equals(last)) {
                last = answer;
                changed = now;
            }
            if (now - changed > STANDSTILL.toNanos()) {
                throw new AssertionError(what + " stands still at " + answer + " and should be " + expected);
            }
            if (now - told > NEWS.toNanos()) {
                told = now;
                say.accept("  " + what + " catches up: " + answer + " of " + expected);
            }
            Thread.sleep(LOOK);
        }
    }
}
