package io.levada.local;

import java.util.List;
import java.util.Locale;

/// What stands in quarantine, as `levada status` says it: of a source in a cell, and of the pipeline in a section.
///
/// @param rows all of `raw.quarantine`, those that are done with among them
record QuarantineText(OpenEntries open, long rows) {
    private static final int MOST_TABLES = 20;
    private static final String NEXT_STEP = "    Next step: ./levada quarantine list shows them and why\n";

    /// Entries of one source.
    ///
    /// @param rowsSinceStart what its process counted, shown where nobody could tell what is open
    /// @param filesSinceStart alike
    String cell(String source, boolean folder, long rowsSinceStart, long filesSinceStart) {
        return switch (open) {
            case OpenEntries.Unknown _ -> counted(rowsSinceStart, filesSinceStart, folder) + " since the start";
            case OpenEntries.Counted counted -> {
                List<OpenEntries.OfTable> own = counted.tables().stream()
                        .filter(table -> table.source().equals(source))
                        .toList();
                yield counted(
                        own.stream().mapToLong(OpenEntries.OfTable::rows).sum(),
                        own.stream().mapToLong(OpenEntries.OfTable::files).sum(),
                        folder);
            }
        };
    }

    /// Nothing where nothing was ever put aside.
    @Override
    public String toString() {
        String section = switch (open) {
            case OpenEntries.Counted counted when !counted.tables().isEmpty() -> table(counted.tables());
            case OpenEntries.Counted _
            when rows > 0 -> "Nothing is open; ./levada quarantine list --all shows what is done with\n";
            case OpenEntries.Counted _ -> "";
            case OpenEntries.Unknown unknown
            when rows > 0 ->
                StatusText.counted(rows, "row") + " in raw.quarantine; how many are open can not be told: "
                        + unknown.reason() + "\n" + NEXT_STEP;
            case OpenEntries.Unknown _ -> "";
        };
        return section.isEmpty() ? "" : "Quarantine\n" + section + "\n";
    }

    private static String table(List<OpenEntries.OfTable> tables) {
        TextTable shown = TextTable.plain("TABLE", "SOURCE", "OPEN");
        tables.stream()
                .limit(MOST_TABLES)
                .forEach(table -> shown.row(
                        table.table(), table.source(), counted(table.rows(), table.files(), table.files() > 0)));
        int left = tables.size() - MOST_TABLES;
        return shown + (left > 0 ? String.format(Locale.ROOT, "and %,d more tables%n", left) : "") + NEXT_STEP;
    }

    private static String counted(long rows, long files, boolean withFiles) {
        return StatusText.counted(rows, "row") + (withFiles ? ", " + StatusText.counted(files, "file") : "");
    }
}
