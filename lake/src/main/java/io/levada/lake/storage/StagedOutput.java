package io.levada.lake.storage;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.apache.iceberg.io.PositionOutputStream;

/// What is to be an object of a bucket: a file on local disk until it is closed, and then uploaded whole. Nothing of
/// one that is given up comes into the bucket.
final class StagedOutput extends PositionOutputStream implements Abandonable {
    /// Brings a closed file into the bucket.
    @FunctionalInterface
    interface Upload {
        void run(Path file);
    }

    private final Path file;
    private final OutputStream out;
    private final Upload upload;
    private long position;
    private boolean broken;
    private boolean closed;

    private StagedOutput(Path file, OutputStream out, Upload upload) {
        this.file = file;
        this.out = out;
        this.upload = upload;
    }

    static StagedOutput open(Path staging, Upload upload) throws IOException {
        Files.createDirectories(staging);
        Path file = staging.resolve(UUID.randomUUID() + ".upload");
        return new StagedOutput(
                file, new BufferedOutputStream(Files.newOutputStream(file, StandardOpenOption.CREATE_NEW)), upload);
    }

    @Override
    public long getPos() {
        return position;
    }

    @Override
    public void write(int b) throws IOException {
        boolean written = false;
        try {
            out.write(b);
            written = true;
        } finally {
            broken |= !written;
        }
        position++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        boolean written = false;
        try {
            out.write(bytes, offset, length);
            written = true;
        } finally {
            broken |= !written;
        }
        position += length;
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public void abandon() {
        broken = true;
    }

    /// Uploads the file, unless it was given up or could not be written: whoever wrote knows then.
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (broken) {
                closeQuietly();
            } else {
                out.close();
                upload.run(file);
            }
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private void closeQuietly() {
        try {
            out.close();
        } catch (IOException _) {
            // the file is deleted next
        }
    }
}
