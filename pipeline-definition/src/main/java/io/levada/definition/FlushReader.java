package io.levada.definition;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads `flush:`, which is an interval or a mapping of interval and bytes.
final class FlushReader {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h)");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,12})\\s*(B|KB|MB|GB)?");
    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final long SMALLEST_BYTES = 64L * 1024;
    private static final long LARGEST_BYTES = 4L * 1024 * 1024 * 1024;

    private final Problems problems;

    FlushReader(Problems problems) {
        this.problems = problems;
    }

    FlushPolicy read(Section document) {
        if (document.isMapping("flush")) {
            Section flush = document.section("flush");
            Duration interval = flush.text("interval").flatMap(this::interval).orElse(FlushPolicy.DEFAULT.interval());
            long bytes = flush.text("bytes").flatMap(this::bytes).orElse(FlushPolicy.DEFAULT.bytes());
            return new FlushPolicy(interval, bytes);
        }
        return document.text("flush")
                .flatMap(this::interval)
                .map(interval -> new FlushPolicy(interval, FlushPolicy.DEFAULT.bytes()))
                .orElse(FlushPolicy.DEFAULT);
    }

    Optional<Duration> interval(Section.Text text) {
        Matcher matcher = DURATION.matcher(text.value());
        if (matcher.matches()) {
            long amount = Long.parseLong(matcher.group(1));
            Duration duration = switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                default -> Duration.ofHours(amount);
            };
            if (duration.compareTo(SHORTEST) >= 0 && duration.compareTo(LONGEST) <= 0) {
                return Optional.of(duration);
            }
        }
        bad(text, "allowed is a number with ms, s, m or h, from 100ms to 1h, such as 5s");
        return Optional.empty();
    }

    private Optional<Long> bytes(Section.Text text) {
        Matcher matcher = SIZE.matcher(text.value());
        if (matcher.matches()) {
            long unit = switch (matcher.group(2) == null ? "B" : matcher.group(2)) {
                case "KB" -> 1024L;
                case "MB" -> 1024L * 1024;
                case "GB" -> 1024L * 1024 * 1024;
                default -> 1L;
            };
            long amount = Long.parseLong(matcher.group(1));
            if (amount <= LARGEST_BYTES && amount * unit >= SMALLEST_BYTES && amount * unit <= LARGEST_BYTES) {
                return Optional.of(amount * unit);
            }
        }
        bad(text, "allowed is a number with KB, MB or GB, from 64KB to 4GB, such as 64MB");
        return Optional.empty();
    }

    private void bad(Section.Text text, String allowed) {
        problems.add(DefinitionCode.BAD_VALUE, text.line(), text.path(), "`" + text.written() + "`: " + allowed + ".");
    }
}
