package io.levada.local.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A server of a JVM that was killed: it lives on and holds its data directory.
final class LeftOverServer {
    private static final Duration STOP = Duration.ofSeconds(20);

    private LeftOverServer() {}

    /// Stops it, where there is one.
    ///
    /// @param pidFile which the server wrote; its first line is the process's number
    /// @param program the end of the name of the server's program, since numbers of processes come again
    static void stop(Path pidFile, String program) throws IOException {
        Optional<ProcessHandle> leftOver = process(pidFile)
                .filter(process -> process.info().command().orElse("").endsWith(program));
        if (leftOver.isPresent()) {
            stop(leftOver.get());
        }
    }

    private static Optional<ProcessHandle> process(Path pidFile) throws IOException {
        if (!Files.exists(pidFile)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(pidFile);
        return lines.isEmpty() || lines.getFirst().isBlank()
                ? Optional.empty()
                : ProcessHandle.of(Long.parseLong(lines.getFirst().strip()));
    }

    private static void stop(ProcessHandle process) throws IOException {
        process.destroy();
        try {
            process.onExit().get(STOP.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException _) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while an earlier server stopped", e);
        } catch (ExecutionException e) {
            throw new IOException("An earlier server, process " + process.pid() + ", can not be stopped", e);
        }
    }
}
