package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.EmbeddedPostgresServer;
import io.levada.testing.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs the commands of the README and of the tutorial as they stand there, and compares what they answer with what is
/// shown. A command's answer may take its time, as it does for a reader.
class WrittenCommandsIT {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Duration BOUND = Eventually.PATIENCE;

    /// A file of the tutorial's project, a part of its levada.yaml to stand under `sources:`, or a block of commands.
    private static final Pattern STEP = Pattern.compile(
            "`shop/(?<file>[^`]+)`:\\s*```\\w+\\n(?<content>.*?)```|```yaml\\n(?<source>.*?)```|```\\n(?<commands>.*?)```",
            Pattern.DOTALL);
    private static final Pattern CONSOLE = Pattern.compile("```\\n(\\$ .*?)```", Pattern.DOTALL);

    @TempDir
    private Path folder;

    @Test
    void theTutorialCanBeFollowed() throws Exception {
        int shown = 0;
        Path shop = folder.resolve("shop");
        try (EmbeddedPostgresServer postgres = EmbeddedPostgresServer.start(folder.resolve("postgres"));
                WrittenCommands commands = WrittenCommands.with(folder, postgres)) {
            Matcher step = STEP.matcher(Files.readString(ROOT.resolve("docs/tutorial/first-pipeline.md")));
            while (step.find()) {
                if (step.group("file") != null) {
                    Path file = shop.resolve(step.group("file"));
                    Files.createDirectories(file.getParent());
                    Files.writeString(file, step.group("content"));
                } else if (step.group("source") != null) {
                    Path definition = shop.resolve("levada.yaml");
                    String source = commands.withPorts(step.group("source"));
                    Files.writeString(
                            definition, Files.readString(definition).replace("sources:\n", "sources:\n" + source));
                } else {
                    shown += follow(commands, step.group("commands"));
                }
            }
        }
        assertThat(shown).isEqualTo(8);
        assertThat(shop.resolve(".levada/logs/levada.log")).isNotEmptyFile();
    }

    @Test
    void theReadmesCommandsAnswerWhatItShows() throws Exception {
        int shown = 0;
        try (WrittenCommands commands = WrittenCommands.demo(folder)) {
            for (MatchResult block : CONSOLE.matcher(Files.readString(ROOT.resolve("README.md")))
                    .results()
                    .toList()) {
                if (!block.group(1).startsWith("$ ./levada demo")) {
                    shown += follow(commands, block.group(1));
                }
            }
        }
        assertThat(shown).isEqualTo(2);
    }

    /// Runs a block: commands after `$` with what they answer, or one command a line.
    ///
    /// @return how many answers were shown and compared
    private static int follow(WrittenCommands commands, String block) {
        int shown = 0;
        for (String part : block.split(block.startsWith("$ ") ? "(?m)^\\$ " : "\n")) {
            if (!part.isBlank()) {
                String command = part.lines().findFirst().orElseThrow();
                String answer = part.substring(command.length()).strip();
                compare(commands, command, answer);
                shown += answer.isEmpty() ? 0 : 1;
            }
        }
        return shown;
    }

    private static void compare(WrittenCommands commands, String command, String shown) {
        AtomicReference<Optional<String>> last = new AtomicReference<>(Optional.empty());
        try {
            Eventually.within(
                    BOUND,
                    () -> {
                        last.set(commands.run(command));
                        return last.get();
                    },
                    answer -> answer.filter(
                                    text -> shown.isEmpty() || text.strip().equals(shown))
                            .isPresent());
        } catch (AssertionError e) {
            throw new AssertionError(command + " answers " + last.get() + ", not as shown:\n" + shown, e);
        }
    }
}
