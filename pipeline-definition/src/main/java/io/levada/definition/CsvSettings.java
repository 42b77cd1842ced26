package io.levada.definition;

import java.nio.charset.Charset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a definition says of the form of CSV files; what it does not say is found out from the file.
///
/// @param delimiter null where it is to be found out
/// @param quote null where nothing is quoted
/// @param escape makes the next character plain inside quotes; null where only doubled quotes do
/// @param names of the columns, in the files' order, where they have no header line; empty where they have one
/// @param nullText the text of a field without a value; null where that is an empty field
/// @param charset null where it is to be found out
public record CsvSettings(
        @Nullable Character delimiter,
        @Nullable Character quote,
        @Nullable Character escape,
        List<String> names,
        @Nullable String nullText,
        @Nullable Charset charset) {
    public static final CsvSettings DEFAULT = new CsvSettings(null, '"', null, List.of(), null, null);

    public CsvSettings {
        names = List.copyOf(names);
    }

    /// Whether files begin with a header line.
    public boolean header() {
        return names.isEmpty();
    }
}
