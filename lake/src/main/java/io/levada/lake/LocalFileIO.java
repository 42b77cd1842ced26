package io.levada.lake;

import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.iceberg.io.SupportsPrefixOperations;
import org.jspecify.annotations.Nullable;

/// Iceberg file IO on local folders, without Hadoop. Locations are absolute paths or `file:` URIs.
///
/// A file is synced to disk when its stream is closed, so that what a commit names survives a power cut.
public final class LocalFileIO implements FileIO, SupportsPrefixOperations {
    private Map<String, String> properties = Map.of();

    /// The path of a location.
    public static Path path(String location) {
        return location.startsWith("file:") ? Path.of(URI.create(location).getPath()) : Path.of(location);
    }

    @Override
    public void initialize(Map<String, String> properties) {
        this.properties = Map.copyOf(properties);
    }

    @Override
    public Map<String, String> properties() {
        return properties;
    }

    @Override
    public InputFile newInputFile(String location) {
        Path path = path(location);
        InputFile file = org.apache.iceberg.Files.localInput(path.toFile());
        return new InputFile() {
            @Override
            public long getLength() {
                try {
                    return Files.size(path);
                } catch (NoSuchFileException e) {
                    throw new NotFoundException(e, "File does not exist: %s", location);
                } catch (IOException e) {
                    throw new RuntimeIOException(e);
                }
            }

            @Override
            public SeekableInputStream newStream() {
                return file.newStream();
            }

            @Override
            public String location() {
                return location;
            }

            @Override
            public boolean exists() {
                return Files.exists(path);
            }
        };
    }

    @Override
    public OutputFile newOutputFile(String location) {
        Path path = path(location);
        return new OutputFile() {
            @Override
            public PositionOutputStream create() {
                return open(false);
            }

            @Override
            public PositionOutputStream createOrOverwrite() {
                return open(true);
            }

            private PositionOutputStream open(boolean overwrite) {
                try {
                    SyncedDirectories.createFor(path);
                    return SyncedOutputStream.open(path, overwrite);
                } catch (FileAlreadyExistsException e) {
                    throw new AlreadyExistsException(e, "File already exists: %s", location);
                } catch (IOException e) {
                    throw new RuntimeIOException(e);
                }
            }

            @Override
            public String location() {
                return location;
            }

            @Override
            public InputFile toInputFile() {
                return newInputFile(location);
            }
        };
    }

    @Override
    public void deleteFile(String location) {
        try {
            Path path = path(location);
            Files.delete(path);
            removeEmptyRun(path.getParent());
        } catch (NoSuchFileException e) {
            throw new NotFoundException(e, "File does not exist: %s", location);
        } catch (IOException e) {
            throw new RuntimeIOException(e);
        }
    }

    /// The folder of a run is of no use once its last file is gone.
    private static void removeEmptyRun(@Nullable Path folder) throws IOException {
        Path name = folder == null ? null : folder.getFileName();
        if (folder != null && name != null && name.toString().startsWith("run_id=")) {
            try {
                Files.deleteIfExists(folder);
            } catch (DirectoryNotEmptyException _) {
                // another file of the run
            }
        }
    }

    /// One folder at a time is held in memory.
    @Override
    public Iterable<FileInfo> listPrefix(String prefix) {
        return listPrefix(prefix, _ -> {});
    }

    /// The same, and tells of the symbolic links, which are not followed.
    ///
    /// @param links takes each link when the listing comes to it
    public Iterable<FileInfo> listPrefix(String prefix, Consumer<Path> links) {
        return () -> new FolderWalk(path(prefix), links);
    }

    @Override
    public void deletePrefix(String prefix) {
        listPrefix(prefix).forEach(file -> deleteFile(file.location()));
    }
}
