package io.levada.definition;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads `maintenance:`.
final class MaintenanceReader {
    private static final Pattern AGE = Pattern.compile("(\\d{1,6})\\s*(m|h|d)");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,6})\\s*(MB|GB)");
    private static final Pattern COUNT = Pattern.compile("\\d{1,6}");
    private static final Duration LONGEST = Duration.ofDays(3650);

    /// With fewer there is nothing to spread.
    private static final int LEAST_MAX_TO_KEEP = 20;

    private final Problems problems;

    MaintenanceReader(Problems problems) {
        this.problems = problems;
    }

    MaintenanceSettings read(Section document) {
        Section maintenance = document.section("maintenance");
        Section compaction = maintenance.section("compaction");
        Section snapshots = maintenance.section("snapshots");
        Section orphans = maintenance.section("orphans");
        MaintenanceSettings byDefault = MaintenanceSettings.DEFAULT;
        return new MaintenanceSettings(
                value(maintenance, "enabled", this::bool, byDefault.enabled()),
                value(maintenance, "interval", text -> age(text, Duration.ofMinutes(1)), byDefault.interval()),
                new MaintenanceSettings.Compaction(
                        value(
                                compaction,
                                "target-file-size",
                                this::bytes,
                                byDefault.compaction().targetFileBytes()),
                        value(
                                compaction,
                                "min-input-files",
                                text -> count(text, 2),
                                byDefault.compaction().minInputFiles())),
                new MaintenanceSettings.Snapshots(
                        value(
                                snapshots,
                                "max-age",
                                text -> age(text, Duration.ofHours(1)),
                                byDefault.snapshots().maxAge()),
                        value(
                                snapshots,
                                "min-to-keep",
                                text -> count(text, 1),
                                byDefault.snapshots().minToKeep()),
                        value(
                                snapshots,
                                "max-consumer-lag",
                                text -> age(text, Duration.ofHours(1)),
                                byDefault.snapshots().maxConsumerLag()),
                        value(
                                snapshots,
                                "max-to-keep",
                                text -> count(text, LEAST_MAX_TO_KEEP),
                                byDefault.snapshots().maxToKeep())),
                new MaintenanceSettings.Orphans(value(
                        orphans,
                        "older-than",
                        text -> age(text, Duration.ofDays(1)),
                        byDefault.orphans().olderThan())));
    }

    private static <T> T value(Section section, String key, Function<Section.Text, Optional<T>> reading, T byDefault) {
        return section.text(key).flatMap(reading).orElse(byDefault);
    }

    private Optional<Boolean> bool(Section.Text text) {
        return switch (text.value()) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            default -> bad(text, "allowed is true or false");
        };
    }

    private Optional<Duration> age(Section.Text text, Duration shortest) {
        Matcher matcher = AGE.matcher(text.value());
        if (matcher.matches()) {
            long amount = Long.parseLong(matcher.group(1));
            Duration age = switch (matcher.group(2)) {
                case "m" -> Duration.ofMinutes(amount);
                case "h" -> Duration.ofHours(amount);
                default -> Duration.ofDays(amount);
            };
            if (age.compareTo(shortest) >= 0 && age.compareTo(LONGEST) <= 0) {
                return Optional.of(age);
            }
        }
        return bad(text, "allowed is a number with m, h or d, from " + words(shortest) + " to 3650d");
    }

    private static String words(Duration duration) {
        return duration.toDays() > 0
                ? duration.toDays() + "d"
                : duration.toHours() > 0 ? duration.toHours() + "h" : duration.toMinutes() + "m";
    }

    private Optional<Long> bytes(Section.Text text) {
        Matcher matcher = SIZE.matcher(text.value());
        if (matcher.matches()) {
            long bytes = Long.parseLong(matcher.group(1)) << (matcher.group(2).equals("GB") ? 30 : 20);
            if (bytes >= 1L << 20 && bytes <= 4L << 30) {
                return Optional.of(bytes);
            }
        }
        return bad(text, "allowed is a number with MB or GB, from 1MB to 4GB, such as 128MB");
    }

    private Optional<Integer> count(Section.Text text, int least) {
        if (COUNT.matcher(text.value()).matches() && Integer.parseInt(text.value()) >= least) {
            return Optional.of(Integer.parseInt(text.value()));
        }
        return bad(text, "allowed is a number from " + least + " to 999999");
    }

    private <T> Optional<T> bad(Section.Text text, String allowed) {
        problems.add(DefinitionCode.BAD_VALUE, text.line(), text.path(), "`" + text.written() + "`: " + allowed + ".");
        return Optional.empty();
    }
}
