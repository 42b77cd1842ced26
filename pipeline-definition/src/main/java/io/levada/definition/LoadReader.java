package io.levada.definition;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads a source's `load:`.
final class LoadReader {
    private static final int MOST_CONNECTIONS = 16;
    private static final long LEAST_CHUNK = 64L << 10;
    private static final long MOST_CHUNK = 4L << 30;
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})\\s*(KB|MB|GB)");

    private final Problems problems;

    LoadReader(Problems problems) {
        this.problems = problems;
    }

    LoadSettings read(Section load) {
        return new LoadSettings(
                load.text("connections").flatMap(this::connections).orElse(LoadSettings.DEFAULT.connections()),
                load.text("chunk").flatMap(this::chunk).orElse(LoadSettings.DEFAULT.chunkBytes()));
    }

    private Optional<Integer> connections(Section.Text text) {
        boolean number = text.value().matches("[1-9][0-9]?");
        if (number && Integer.parseInt(text.value()) <= MOST_CONNECTIONS) {
            return Optional.of(Integer.valueOf(text.value()));
        }
        bad(text, "allowed is a number from 1 to " + MOST_CONNECTIONS);
        return Optional.empty();
    }

    private Optional<Long> chunk(Section.Text text) {
        Matcher size = SIZE.matcher(text.value());
        if (size.matches()) {
            long unit = switch (size.group(2)) {
                case "GB" -> 1L << 30;
                case "MB" -> 1L << 20;
                default -> 1L << 10;
            };
            long bytes = Long.parseLong(size.group(1)) * unit;
            if (bytes >= LEAST_CHUNK && bytes <= MOST_CHUNK) {
                return Optional.of(bytes);
            }
        }
        bad(text, "allowed is a size with KB, MB or GB, from 64KB to 4GB, such as 32MB");
        return Optional.empty();
    }

    private void bad(Section.Text text, String allowed) {
        problems.add(DefinitionCode.BAD_VALUE, text.line(), text.path(), "`" + text.written() + "`: " + allowed + ".");
    }
}
