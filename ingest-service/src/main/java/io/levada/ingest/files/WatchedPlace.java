package io.levada.ingest.files;

import io.levada.definition.FilePlace;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// A place that files are taken from. Paths are relative to it, `/` between parts.
///
/// Not safe for use by several threads, but for [#signature] and [#copy].
interface WatchedPlace extends AutoCloseable {
    static WatchedPlace of(FilePlace place, Duration pollInterval) {
        return switch (place) {
            case FilePlace.Folder folder -> new WatchedFolder(folder.path(), pollInterval);
            case FilePlace.S3Prefix prefix -> new WatchedPrefix(prefix);
        };
    }

    /// One look at all of it.
    ///
    /// @throws PlaceTrouble where the place could not be looked at, with its code
    Listing list() throws IOException;

    /// How long it is from one look to the next.
    Duration interval();

    /// Whether a file is never seen before it is complete. Otherwise it is complete once two looks found it the same.
    boolean completeAtOnce();

    /// What a file is now; empty where it is not there.
    Optional<Spool.Signature> signature(String path) throws IOException;

    /// Copies a file to the spool.
    ///
    /// @throws java.nio.file.NoSuchFileException where it is not there any more
    Spool.Reading copy(String path, Spool.Signature expected, Spool spool) throws IOException;

    /// Reads a file where it lies.
    ///
    /// @throws java.nio.file.NoSuchFileException where it is not there any more
    Spool.Reading hash(String path, Spool.Signature expected) throws IOException;

    /// The file's name for people.
    String name(String path);

    @Override
    void close();
}
