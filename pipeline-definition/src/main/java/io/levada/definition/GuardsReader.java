package io.levada.definition;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads the bounds at which a source stops or raises an alarm: `quarantine:` and `log-limit:`.
final class GuardsReader {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})\\s*(MB|GB|TB)");
    private static final Pattern COUNT = Pattern.compile("[1-9]\\d{0,8}");
    private static final Pattern SHARE = Pattern.compile("0?\\.\\d{1,6}|1(\\.0+)?");
    private static final long DEFAULT_ROWS = QuarantinePolicy.DEFAULT.rows();
    private static final double DEFAULT_SHARE = 0.05;

    private final Problems problems;

    GuardsReader(Problems problems) {
        this.problems = problems;
    }

    QuarantinePolicy quarantine(Section document) {
        Section quarantine = document.section("quarantine");
        if (quarantine.isMapping("stop-at")) {
            Section stop = quarantine.section("stop-at");
            long rows = stop.text("rows").flatMap(this::count).orElse(DEFAULT_ROWS);
            double share = stop.text("share").flatMap(this::share).orElse(DEFAULT_SHARE);
            return QuarantinePolicy.of(rows, share);
        }
        Optional<Section.Text> text = quarantine.text("stop-at");
        text.filter(never -> !never.value().equals("never"))
                .ifPresent(other -> bad(other, "allowed is never, or a mapping of rows and share"));
        return text.isPresent() ? QuarantinePolicy.NEVER : QuarantinePolicy.DEFAULT;
    }

    long logLimit(Section source) {
        return source.text("log-limit").flatMap(this::bytes).orElse(PostgresSource.DEFAULT_LOG_LIMIT);
    }

    private Optional<Long> count(Section.Text text) {
        if (COUNT.matcher(text.value()).matches()) {
            return Optional.of(Long.parseLong(text.value()));
        }
        bad(text, "allowed is a number of rows from 1");
        return Optional.empty();
    }

    private Optional<Double> share(Section.Text text) {
        if (SHARE.matcher(text.value()).matches() && Double.parseDouble(text.value()) > 0) {
            return Optional.of(Double.parseDouble(text.value()));
        }
        bad(text, "allowed is a share above 0, up to 1, such as 0.05");
        return Optional.empty();
    }

    private Optional<Long> bytes(Section.Text text) {
        Matcher matcher = SIZE.matcher(text.value());
        long amount = matcher.matches() ? Long.parseLong(matcher.group(1)) : 0;
        if (amount == 0 || amount > 1 << 20) {
            bad(text, "allowed is a number with MB, GB or TB, such as 10GB");
            return Optional.empty();
        }
        return Optional.of(
                switch (matcher.group(2)) {
                    case "MB" -> amount << 20;
                    case "GB" -> amount << 30;
                    default -> amount << 40;
                });
    }

    private void bad(Section.Text text, String allowed) {
        problems.add(DefinitionCode.BAD_VALUE, text.line(), text.path(), "`" + text.written() + "`: " + allowed + ".");
    }
}
