package io.levada.local;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Rows in columns as wide as their longest cell, numbers to the right. A line end is a blank, and any other control
/// character a question mark, so that no value reaches the terminal as a command.
final class TextTable {
    private final List<List<String>> rows = new ArrayList<>();
    private final boolean ruled;

    TextTable(String... titles) {
        this(List.of(titles));
    }

    TextTable(List<String> titles) {
        this(titles, true);
    }

    private TextTable(List<String> titles, boolean ruled) {
        rows.add(List.copyOf(titles));
        this.ruled = ruled;
    }

    /// A table without a rule between titles and rows.
    static TextTable plain(String... titles) {
        return new TextTable(List.of(titles), false);
    }

    boolean isEmpty() {
        return rows.size() == 1;
    }

    void row(String... cells) {
        row(List.of(cells));
    }

    void row(List<String> cells) {
        if (cells.size() != rows.getFirst().size()) {
            throw new IllegalArgumentException("A row of " + cells.size() + " cells in a table of "
                    + rows.getFirst().size() + " columns");
        }
        rows.add(cells.stream()
                .map(cell -> cell.replaceAll("\\R", " ").replaceAll("\\p{Cntrl}", "?"))
                .toList());
    }

    @Override
    public String toString() {
        List<Integer> widths = IntStream.range(0, rows.getFirst().size())
                .mapToObj(column -> rows.stream()
                        .mapToInt(row -> row.get(column).length())
                        .max()
                        .orElse(0))
                .toList();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < rows.size(); i++) {
            text.append(line(rows.get(i), widths)).append(System.lineSeparator());
            if (i == 0 && ruled) {
                text.append(widths.stream().map("-"::repeat).collect(Collectors.joining("  ")))
                        .append(System.lineSeparator());
            }
        }
        return text.toString();
    }

    private static String line(List<String> row, List<Integer> widths) {
        return IntStream.range(0, row.size())
                .mapToObj(column -> padded(row.get(column), widths.get(column)))
                .collect(Collectors.joining("  "))
                .stripTrailing();
    }

    private static String padded(String cell, int width) {
        String blanks = " ".repeat(width - cell.length());
        return cell.matches("-?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\\.[0-9]+)?") ? blanks + cell : cell + blanks;
    }
}
