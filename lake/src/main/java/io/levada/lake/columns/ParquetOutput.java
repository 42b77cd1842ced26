package io.levada.lake.columns;

import io.levada.lake.storage.Abandonable;
import java.io.IOException;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.jspecify.annotations.Nullable;

/// Iceberg's output file as parquet-java's.
final class ParquetOutput implements OutputFile {
    private final org.apache.iceberg.io.OutputFile file;
    private @Nullable Abandonable abandonable;

    ParquetOutput(org.apache.iceberg.io.OutputFile file) {
        this.file = file;
    }

    /// Says that the file that is being written is not wanted: of one for a bucket nothing is uploaded.
    void abandon() {
        if (abandonable != null) {
            abandonable.abandon();
        }
    }

    @Override
    public PositionOutputStream create(long blockSizeHint) {
        return output(file.create());
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSizeHint) {
        return output(file.createOrOverwrite());
    }

    private PositionOutputStream output(org.apache.iceberg.io.PositionOutputStream stream) {
        if (stream instanceof Abandonable staged) {
            abandonable = staged;
        }
        return new Output(stream);
    }

    @Override
    public boolean supportsBlockSize() {
        return false;
    }

    @Override
    public long defaultBlockSize() {
        return 0;
    }

    @Override
    public String getPath() {
        return file.location();
    }

    private static final class Output extends PositionOutputStream {
        private final org.apache.iceberg.io.PositionOutputStream stream;

        Output(org.apache.iceberg.io.PositionOutputStream stream) {
            this.stream = stream;
        }

        @Override
        public long getPos() throws IOException {
            return stream.getPos();
        }

        @Override
        public void write(int b) throws IOException {
            stream.write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            stream.write(bytes, offset, length);
        }

        @Override
        public void flush() throws IOException {
            stream.flush();
        }

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }
}
