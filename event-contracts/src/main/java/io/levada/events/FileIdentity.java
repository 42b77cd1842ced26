package io.levada.events;

/// A file that arrived, as the table that takes it in counts it.
///
/// @param source the source's name
/// @param table the raw table that takes the file in, `raw.<name>`
/// @param number counts the files of that table from 1 without a gap; the table stores the last one committed
/// @param path relative to the source's folder, `/` between parts
/// @param sha256 of the content, lower-case hex
public record FileIdentity(String source, String table, long number, String path, String sha256) {
    public FileIdentity {
        if (number < 1) {
            throw new IllegalArgumentException("File " + path + " has number " + number + "; numbers start at 1");
        }
    }
}
