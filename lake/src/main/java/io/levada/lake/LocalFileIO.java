package io.levada.lake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
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
            Files.delete(path(location));
        } catch (NoSuchFileException e) {
            throw new NotFoundException(e, "File does not exist: %s", location);
        } catch (IOException e) {
            throw new RuntimeIOException(e);
        }
    }

    @Override
    public Iterable<FileInfo> listPrefix(String prefix) {
        try (Stream<Path> paths = Files.walk(path(prefix))) {
            return paths.filter(Files::isRegularFile).map(LocalFileIO::info).toList();
        } catch (IOException e) {
            throw new RuntimeIOException(e);
        }
    }

    private static FileInfo info(Path path) {
        try {
            return new FileInfo(
                    path.toString(),
                    Files.size(path),
                    Files.getLastModifiedTime(path).toMillis());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void deletePrefix(String prefix) {
        listPrefix(prefix).forEach(file -> deleteFile(file.location()));
    }
}
