package io.levada.lake.storage;

import io.levada.lake.LocalFileIO;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.DelegateFileIO;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The lake's file IO, which its catalog names: `s3://` locations are objects, by Iceberg's own S3FileIO, and all
/// others local files, by [LocalFileIO].
///
/// Both fail in the same way: [NotFoundException] where there is no such file, and [RuntimeIOException] where it can
/// not be read or written. A file is durable once its stream is closed. Where the answer to an upload is lost, the
/// object is looked for: paths are those of one attempt, so one of the same length is the one that was sent.
///
/// Safe for use by several threads.
public final class LakeFileIO implements DelegateFileIO {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(LakeFileIO.class);
    private static final String BUCKETS = "s3://";

    /// S3 takes 10,000 parts, so that an object may have 160 GB.
    private static final int PART_BYTES = 16 * 1024 * 1024;

    private final LocalFileIO local = new LocalFileIO();
    private Map<String, String> properties = Map.of();
    private @Nullable S3FileIO opened;

    /// Whether a location is in a bucket.
    public static boolean isBucket(String location) {
        return location.startsWith(BUCKETS);
    }

    /// Brings a closed local file to its location; a file there must not be yet. Where it is a local one too, it
    /// is copied.
    public static void store(FileIO io, Path file, String location) {
        if (io instanceof LakeFileIO lake && isBucket(location)) {
            lake.upload(file, location);
            return;
        }
        try (OutputStream out = io.newOutputFile(location).create()) {
            Files.copy(file, out);
        } catch (IOException e) {
            throw new RuntimeIOException(e);
        }
    }

    @Override
    public void initialize(Map<String, String> given) {
        properties = Map.copyOf(given);
        local.initialize(given);
    }

    @Override
    public Map<String, String> properties() {
        return properties;
    }

    /// Opened with the first object, since a lake in a folder has none.
    private synchronized S3FileIO bucket() {
        S3FileIO io = opened;
        if (io == null) {
            Map<String, String> all = new HashMap<>(properties);
            all.putIfAbsent(S3FileIOProperties.MULTIPART_SIZE, Integer.toString(PART_BYTES));
            all.put(S3FileIOProperties.CLIENT_FACTORY, BucketClients.class.getName());
            all.put(S3FileIOProperties.STAGING_DIRECTORY, staging().toString());
            io = new S3FileIO();
            io.initialize(all);
            opened = io;
        }
        return io;
    }

    private Path staging() {
        String folder = properties.get(S3FileIOProperties.STAGING_DIRECTORY);
        return Path.of(folder == null ? System.getProperty("java.io.tmpdir") : folder);
    }

    @Override
    public InputFile newInputFile(String location) {
        return isBucket(location) ? new BucketInput(bucket().newInputFile(location)) : local.newInputFile(location);
    }

    @Override
    public InputFile newInputFile(String location, long length) {
        return isBucket(location)
                ? new BucketInput(bucket().newInputFile(location, length))
                : local.newInputFile(location);
    }

    @Override
    public OutputFile newOutputFile(String location) {
        return isBucket(location) ? new BucketOutput(location) : local.newOutputFile(location);
    }

    private void upload(Path file, String location) {
        try (PositionOutputStream out = bucket().newOutputFile(location).createOrOverwrite()) {
            Files.copy(file, out);
        } catch (IOException e) {
            requireThere(file, location, new RuntimeIOException(e));
        } catch (RuntimeException e) {
            requireThere(file, location, BucketFailure.of("write", location, e));
        }
    }

    /// An upload that failed may have come to its end all the same.
    private void requireThere(Path file, String location, RuntimeException failure) {
        try {
            if (newInputFile(location).getLength() == Files.size(file)) {
                LOG.atInfo()
                        .addKeyValue("location", location)
                        .log("An upload's answer was lost; the object is there: {}", failure.getMessage());
                return;
            }
        } catch (NotFoundException _) {
            // it did not
        } catch (IOException | RuntimeException e) {
            failure.addSuppressed(e);
        }
        throw failure;
    }

    /// An object that does not exist yet.
    private final class BucketOutput implements OutputFile {
        private final String location;

        BucketOutput(String location) {
            this.location = location;
        }

        @Override
        public PositionOutputStream create() {
            if (toInputFile().exists()) {
                throw new AlreadyExistsException("File already exists: %s", location);
            }
            return createOrOverwrite();
        }

        @Override
        public PositionOutputStream createOrOverwrite() {
            try {
                return StagedOutput.open(staging(), file -> upload(file, location));
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
    }

    /// Deletes a file. That there is no such object is not told.
    @Override
    public void deleteFile(String location) {
        if (!isBucket(location)) {
            local.deleteFile(location);
            return;
        }
        try {
            bucket().deleteFile(location);
        } catch (RuntimeException e) {
            throw BucketFailure.of("delete", location, e);
        }
    }

    @Override
    public void deleteFiles(Iterable<String> locations) throws BulkDeletionFailureException {
        List<String> objects = new ArrayList<>();
        int failed = 0;
        for (String location : locations) {
            if (isBucket(location)) {
                objects.add(location);
                continue;
            }
            try {
                local.deleteFile(location);
            } catch (NotFoundException _) {
                // it is gone
            } catch (RuntimeException e) {
                failed++;
                LOG.atWarn().addKeyValue("location", location).setCause(e).log("A file was not deleted");
            }
        }
        if (!objects.isEmpty()) {
            try {
                bucket().deleteFiles(objects);
            } catch (BulkDeletionFailureException e) {
                failed += e.numberFailedObjects();
            }
        }
        if (failed > 0) {
            throw new BulkDeletionFailureException(failed);
        }
    }

    /// All files in a folder and below it, or whose keys begin with that folder's.
    @Override
    public Iterable<FileInfo> listPrefix(String folder) {
        if (!isBucket(folder)) {
            return local.listPrefix(folder);
        }
        return () -> new BucketListing(bucket(), asPrefix(folder));
    }

    @Override
    public void deletePrefix(String folder) {
        if (isBucket(folder)) {
            try {
                bucket().deletePrefix(asPrefix(folder));
            } catch (RuntimeException e) {
                throw BucketFailure.of("delete", folder, e);
            }
        } else {
            local.deletePrefix(folder);
        }
    }

    private static String asPrefix(String folder) {
        return folder.endsWith("/") ? folder : folder + "/";
    }

    @Override
    public synchronized void close() {
        if (opened != null) {
            opened.close();
            opened = null;
        }
    }
}
