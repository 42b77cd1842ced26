package io.levada.lake.storage;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.SeekableInputStream;

/// A bucket in memory that counts downloads, and can hold them back, cut them off or be away.
final class HeldBucket implements FileIO {
    private static final long serialVersionUID = 1L;

    private final transient Map<String, byte[]> objects = new ConcurrentHashMap<>();
    private final AtomicInteger downloads = new AtomicInteger();
    private transient volatile CountDownLatch gate = new CountDownLatch(0);
    private final transient CountDownLatch asked = new CountDownLatch(1);
    private volatile int cutAfterBytes = Integer.MAX_VALUE;
    private volatile boolean away;

    HeldBucket put(String location, byte[] content) {
        objects.put(location, content);
        return this;
    }

    /// Downloads wait from now on.
    void hold() {
        gate = new CountDownLatch(1);
    }

    void release() {
        gate.countDown();
    }

    /// Waits until a download has begun.
    void awaitAsked() throws InterruptedException {
        asked.await();
    }

    void cutAfter(int bytes) {
        cutAfterBytes = bytes;
    }

    void away(boolean now) {
        away = now;
    }

    int downloads() {
        return downloads.get();
    }

    @Override
    public InputFile newInputFile(String location) {
        return new InputFile() {
            @Override
            public long getLength() {
                if (away) {
                    throw new RuntimeIOException(new IOException("Cannot look at " + location + ": away"));
                }
                return content(location).length;
            }

            @Override
            public SeekableInputStream newStream() {
                downloads.incrementAndGet();
                asked.countDown();
                await();
                return new Content(content(location), cutAfterBytes);
            }

            private void await() {
                try {
                    gate.await();
                } catch (InterruptedException e) {
                    throw new RuntimeIOException(new IOException(e));
                }
            }

            @Override
            public String location() {
                return location;
            }

            @Override
            public boolean exists() {
                return objects.containsKey(location);
            }
        };
    }

    private byte[] content(String location) {
        byte[] content = objects.get(location);
        if (content == null) {
            throw new NotFoundException("File does not exist: %s", location);
        }
        return content;
    }

    @Override
    public OutputFile newOutputFile(String location) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void deleteFile(String location) {
        objects.remove(location);
    }

    private static final class Content extends SeekableInputStream {
        private final ByteArrayInputStream bytes;

        Content(byte[] content, int most) {
            this.bytes = new ByteArrayInputStream(content, 0, Math.min(content.length, most));
        }

        @Override
        public long getPos() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void seek(long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read() {
            return bytes.read();
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            return bytes.read(target, offset, length);
        }
    }
}
