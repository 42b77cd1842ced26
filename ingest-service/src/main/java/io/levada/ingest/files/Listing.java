package io.levada.ingest.files;

import io.levada.ingest.IngestError;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;

/// What one look at a place found.
sealed interface Listing {
    /// @param files by path relative to the place, `/` between parts, sorted; the caller may change it
    /// @param unreadable how many files or folders could not be looked at
    record Found(SortedMap<String, Spool.Signature> files, int unreadable) implements Listing {}

    /// There is no such place.
    ///
    /// @param reason for people, with what to do
    record Absent(IngestError error, String reason) implements Listing {}

    /// Whether a path is passed over: hidden folders, hidden files, and names that programs give to files that they are
    /// still writing.
    static boolean ignores(String path) {
        List<String> parts = Arrays.asList(path.split("/", -1));
        return parts.stream().limit(parts.size() - 1L).anyMatch(folder -> folder.startsWith("."))
                || ignoresName(parts.getLast());
    }

    private static boolean ignoresName(String written) {
        String name = written.toLowerCase(Locale.ROOT);
        return name.startsWith(".")
                || name.startsWith("~")
                || name.endsWith("~")
                || name.endsWith(".tmp")
                || name.endsWith(".part")
                || name.endsWith(".crdownload");
    }
}
