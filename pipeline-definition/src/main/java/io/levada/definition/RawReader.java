package io.levada.definition;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Reads `raw:`.
final class RawReader {
    private static final Pattern DAYS = Pattern.compile("(\\d{1,5})\\s*d");
    private static final int FEWEST_DAYS = 7;
    private static final int MOST_DAYS = 36_500;

    private final Problems problems;
    private final DeclaredTables declared;
    private final Set<String> crawled;

    /// @param crawls whose tables' files are not the lake's
    RawReader(Problems problems, DeclaredTables declared, Map<String, CrawlDefinition> crawls) {
        this.problems = problems;
        this.declared = declared;
        this.crawled = crawls.values().stream().map(CrawlDefinition::table).collect(Collectors.toUnmodifiableSet());
    }

    RawSettings read(Section raw) {
        Map<String, Duration> tables = new LinkedHashMap<>();
        raw.section("tables").textsByName().forEach((name, text) -> {
            if (isBoundable(name, text)) {
                days(text).ifPresent(keep -> tables.put(name, keep));
            }
        });
        return new RawSettings(raw.text("keep").flatMap(this::days).orElse(null), tables);
    }

    private boolean isBoundable(String name, Section.Text text) {
        if (!declared.contains(name)) {
            problems.add(
                    DefinitionCode.UNKNOWN_TABLE,
                    text.line(),
                    text.path(),
                    "`" + name + "` has a bound, and the definition does not declare it. Declared: "
                            + declared.names().stream()
                                    .filter(table -> table.startsWith("raw.") && !crawled.contains(table))
                                    .collect(Collectors.joining(", "))
                            + ".");
            return false;
        }
        String reason = crawled.contains(name)
                ? "its files lie elsewhere and are not Levada's to delete: delete them there"
                : name.startsWith("raw.")
                        ? ""
                        : "it has no history of its own, but is computed: bound the raw tables that it follows from";
        if (!reason.isEmpty()) {
            problems.add(
                    DefinitionCode.NO_HISTORY,
                    text.line(),
                    text.path(),
                    "`" + name + "` can not have a bound: " + reason + ".");
        }
        return reason.isEmpty();
    }

    private Optional<Duration> days(Section.Text text) {
        Matcher matcher = DAYS.matcher(text.value());
        if (matcher.matches()) {
            int days = Integer.parseInt(matcher.group(1));
            if (days >= FEWEST_DAYS && days <= MOST_DAYS) {
                return Optional.of(Duration.ofDays(days));
            }
        }
        problems.add(
                DefinitionCode.BAD_VALUE,
                text.line(),
                text.path(),
                "`" + text.written() + "`: allowed are whole days from " + FEWEST_DAYS + "d to " + MOST_DAYS
                        + "d, such as 90d.");
        return Optional.empty();
    }
}
