package io.levada.lake;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.io.FileInfo;
import org.jspecify.annotations.Nullable;

/// The regular files in a folder and those below it, in no order. A file that goes meanwhile may be missing; a folder
/// that can not be read is an error. Links are told of, and not followed.
final class FolderWalk implements Iterator<FileInfo> {
    private final Path root;
    private final Consumer<Path> links;
    private final Deque<Path> pending = new ArrayDeque<>();
    private @Nullable FileInfo next;

    /// @param links takes each symbolic link below the folder when it is met
    FolderWalk(Path root, Consumer<Path> links) {
        this.root = root;
        this.links = links;
        pending.push(root);
        next = find();
    }

    @Override
    public boolean hasNext() {
        return next != null;
    }

    @Override
    public FileInfo next() {
        FileInfo found = next;
        if (found == null) {
            throw new NoSuchElementException();
        }
        next = find();
        return found;
    }

    private @Nullable FileInfo find() {
        while (!pending.isEmpty()) {
            Path path = pending.pop();
            try {
                BasicFileAttributes attributes =
                        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                if (attributes.isRegularFile()) {
                    return new FileInfo(
                            path.toString(),
                            attributes.size(),
                            attributes.lastModifiedTime().toMillis());
                }
                if (attributes.isDirectory() || path.equals(root)) {
                    enter(path);
                } else if (attributes.isSymbolicLink()) {
                    links.accept(path);
                }
            } catch (NoSuchFileException e) {
                if (path.equals(root)) {
                    throw new RuntimeIOException(e);
                }
            } catch (IOException e) {
                throw new RuntimeIOException(e);
            }
        }
        return null;
    }

    private void enter(Path folder) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            entries.forEach(pending::push);
        }
    }
}
