package io.levada.lake.storage;

import java.io.IOException;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;

/// An object of a bucket, whose trouble is that of a file.
record BucketInput(InputFile object) implements InputFile {
    @Override
    public long getLength() {
        try {
            return object.getLength();
        } catch (RuntimeException e) {
            throw BucketFailure.of("look at", location(), e);
        }
    }

    @Override
    public boolean exists() {
        try {
            return object.exists();
        } catch (RuntimeException e) {
            throw BucketFailure.of("look at", location(), e);
        }
    }

    @Override
    public String location() {
        return object.location();
    }

    @Override
    public SeekableInputStream newStream() {
        try {
            return new Stream(object.newStream(), location());
        } catch (RuntimeException e) {
            throw BucketFailure.of("read", location(), e);
        }
    }

    private static final class Stream extends SeekableInputStream {
        private final SeekableInputStream stream;
        private final String location;

        Stream(SeekableInputStream stream, String location) {
            this.stream = stream;
            this.location = location;
        }

        @Override
        public long getPos() throws IOException {
            return stream.getPos();
        }

        @Override
        public void seek(long position) throws IOException {
            stream.seek(position);
        }

        @Override
        public int read() throws IOException {
            try {
                return stream.read();
            } catch (RuntimeException e) {
                throw BucketFailure.of("read", location, e);
            }
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                return stream.read(bytes, offset, length);
            } catch (RuntimeException e) {
                throw BucketFailure.of("read", location, e);
            }
        }

        @Override
        public long skip(long bytes) throws IOException {
            return stream.skip(bytes);
        }

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }
}
