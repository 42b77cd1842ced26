package io.levada.ingest.files;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/// One look at a folder and all below it.
///
/// @param files size and time by path relative to the folder, `/` between parts, sorted
/// @param unreadable how many files or folders could not be looked at
record FolderScan(SortedMap<String, Spool.Signature> files, int unreadable) {
    static FolderScan of(Path folder) throws IOException {
        SortedMap<String, Spool.Signature> files = new TreeMap<>();
        int[] unreadable = {0};
        Files.walkFileTree(
                folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                        return !directory.equals(folder) && hidden(directory)
                                ? FileVisitResult.SKIP_SUBTREE
                                : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (attributes.isRegularFile() && !temporary(file)) {
                            files.put(relative(folder, file), Spool.Signature.of(attributes));
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
        return new FolderScan(files, unreadable[0]);
    }

    private static String relative(Path folder, Path file) {
        return folder.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/");
    }

    private static boolean hidden(Path path) {
        return name(path).startsWith(".");
    }

    /// Names that programs give to files that they are still writing.
    private static boolean temporary(Path file) {
        String name = name(file);
        return name.startsWith(".")
                || name.startsWith("~")
                || name.endsWith("~")
                || name.endsWith(".tmp")
                || name.endsWith(".part")
                || name.endsWith(".crdownload");
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
    }
}
