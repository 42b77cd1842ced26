package io.levada.local;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;

/// Which phases a process has begun and ended, in a file that outlives its kill: the page cache is the system's.
///
/// A line is `+`, `-` or `!` (the process is where it is to be killed), the phase, and the table.
final class PhaseMarks implements AutoCloseable {
    /// Not a channel, which an interrupted thread would close for all others.
    private final FileOutputStream marks;

    PhaseMarks(Path file) throws IOException {
        this.marks = new FileOutputStream(file.toFile(), true);
    }

    void begun(Phase phase, String table) {
        write('+', phase, table);
    }

    void ended(Phase phase, String table) {
        write('-', phase, table);
    }

    void killable(Phase phase, String table) {
        write('!', phase, table);
    }

    private void write(char sign, Phase phase, String table) {
        try {
            marks.write((sign + phase.name() + " " + table + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Whether the process is where it is to be killed.
    static boolean isKillable(Path file) throws IOException {
        return Files.exists(file) && Files.readString(file).contains("!");
    }

    /// The phases that were begun and not ended when the process died.
    static Set<Phase> inFlight(Path file) throws IOException {
        Set<String> open = new HashSet<>();
        for (String line : Files.readAllLines(file)) {
            switch (line.charAt(0)) {
                case '+' -> open.add(line.substring(1));
                case '-' -> open.remove(line.substring(1));
                default -> {}
            }
        }
        Set<Phase> phases = EnumSet.noneOf(Phase.class);
        open.forEach(work -> phases.add(Phase.valueOf(work.substring(0, work.indexOf(' ')))));
        return phases;
    }

    @Override
    public void close() throws IOException {
        marks.close();
    }
}
