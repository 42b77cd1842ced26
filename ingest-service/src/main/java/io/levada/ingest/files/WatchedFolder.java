package io.levada.ingest.files;

import io.levada.ingest.IngestError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// A folder and all below it.
final class WatchedFolder implements WatchedPlace {
    private final Path folder;
    private final Duration interval;

    WatchedFolder(Path folder, Duration interval) {
        this.folder = folder;
        this.interval = interval;
    }

    @Override
    public Listing list() throws IOException {
        if (!Files.isDirectory(folder)) {
            return new Listing.Absent(
                    IngestError.FILES_FOLDER_MISSING, "Folder " + folder + " is not there; create it");
        }
        SortedMap<String, Spool.Signature> files = new TreeMap<>();
        int[] unreadable = {0};
        Files.walkFileTree(
                folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                        return !directory.equals(folder)
                                        && String.valueOf(directory.getFileName())
                                                .startsWith(".")
                                ? FileVisitResult.SKIP_SUBTREE
                                : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        String path = relative(file);
                        if (attributes.isRegularFile() && !Listing.ignores(path)) {
                            files.put(path, signature(attributes));
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException error) {
                        if (Files.exists(file)) {
                            unreadable[0]++;
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        return new Listing.Found(files, unreadable[0]);
    }

    private String relative(Path file) {
        return folder.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/");
    }

    private static Spool.Signature signature(BasicFileAttributes attributes) {
        return new Spool.Signature(
                attributes.size(), attributes.lastModifiedTime().toMillis(), null);
    }

    @Override
    public Duration interval() {
        return interval;
    }

    @Override
    public boolean completeAtOnce() {
        return false;
    }

    @Override
    public Optional<Spool.Signature> signature(String path) throws IOException {
        Path file = folder.resolve(path);
        return Files.isRegularFile(file)
                ? Optional.of(signature(Files.readAttributes(file, BasicFileAttributes.class)))
                : Optional.empty();
    }

    @Override
    public Spool.Reading copy(String path, Spool.Signature expected, Spool spool) throws IOException {
        return spool.copy(original(path, expected), expected.bytes());
    }

    @Override
    public Spool.Reading hash(String path, Spool.Signature expected) throws IOException {
        return Spool.hash(original(path, expected), expected.bytes());
    }

    private Spool.Original original(String path, Spool.Signature expected) {
        return new Spool.Original() {
            @Override
            public InputStream open() throws IOException {
                return Files.newInputStream(folder.resolve(path));
            }

            @Override
            public boolean unchanged() throws IOException {
                return expected.equals(
                        signature(Files.readAttributes(folder.resolve(path), BasicFileAttributes.class)));
            }
        };
    }

    @Override
    public String name(String path) {
        return folder.resolve(path).toString();
    }

    @Override
    public void close() {}
}
