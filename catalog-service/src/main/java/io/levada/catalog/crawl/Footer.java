package io.levada.catalog.crawl;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.apache.iceberg.io.IOUtil;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;

/// What a Parquet file says of itself, at its end: metadata, their length in four bytes, and a magic of four.
///
/// Reading and understanding are apart, so that a storage that does not answer is no broken file.
final class Footer {
    /// One request gets the whole footer of most files.
    static final int FIRST_READ_BYTES = 64 * 1024;

    /// More is no footer but a length that is broken.
    private static final int MOST_BYTES = 64 * 1024 * 1024;

    private static final int MAGIC_BYTES = 4;
    private static final int LENGTH_AND_MAGIC_BYTES = 8;

    private final String location;
    private final long length;
    private final byte[] end;

    /// @param end the last bytes of the file, all of the footer among them
    private Footer(String location, long length, byte[] end) {
        this.location = location;
        this.length = length;
        this.end = end;
    }

    /// Reads the end of a file.
    ///
    /// @param length that it is known to have
    /// @throws IOException where it can not be read
    /// @throws RuntimeException where it can not be read
    /// @throws BrokenFile where it ends like no Parquet file
    static Footer read(org.apache.iceberg.io.InputFile file, long length) throws IOException, BrokenFile {
        if (length < MAGIC_BYTES + LENGTH_AND_MAGIC_BYTES) {
            throw new BrokenFile("It has " + length + " bytes, and no Parquet file has so few");
        }
        try (SeekableInputStream stream = file.newStream()) {
            byte[] end = read(stream, length, (int) Math.min(length, FIRST_READ_BYTES));
            long needed = needed(end, length);
            return new Footer(file.location(), length, needed <= end.length ? end : read(stream, length, (int) needed));
        }
    }

    private static byte[] read(SeekableInputStream stream, long length, int bytes) throws IOException {
        byte[] end = new byte[bytes];
        stream.seek(length - bytes);
        IOUtil.readFully(stream, end, 0, bytes);
        return end;
    }

    private static long needed(byte[] end, long length) throws BrokenFile {
        String magic = new String(end, end.length - MAGIC_BYTES, MAGIC_BYTES, StandardCharsets.ISO_8859_1);
        if (magic.equals("PARE")) {
            throw new BrokenFile("Its footer is encrypted");
        }
        if (!magic.equals("PAR1")) {
            throw new BrokenFile("It does not end with PAR1, as every Parquet file does", true);
        }
        int footer = ByteBuffer.wrap(end).order(ByteOrder.LITTLE_ENDIAN).getInt(end.length - LENGTH_AND_MAGIC_BYTES);
        if (footer <= 0 || footer > length - MAGIC_BYTES - LENGTH_AND_MAGIC_BYTES) {
            throw new BrokenFile("Its footer is said to have " + Integer.toUnsignedString(footer)
                    + " bytes, and the file has " + length);
        }
        if (footer > MOST_BYTES) {
            throw new BrokenFile(
                    "Its footer is said to have " + footer + " bytes; at most " + MOST_BYTES + " are read");
        }
        return (long) footer + LENGTH_AND_MAGIC_BYTES;
    }

    /// @throws BrokenFile where it is no footer of a Parquet file
    ParquetMetadata understood() throws BrokenFile {
        ParquetReadOptions options =
                ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
        try (ParquetFileReader reader = ParquetFileReader.open(new Input(this), options)) {
            return reader.getFooter();
        } catch (IOException | RuntimeException e) {
            throw new BrokenFile("Its footer can not be understood: " + e);
        }
    }

    /// A file that is none of Parquet's, whoever reads it.
    static final class BrokenFile extends Exception {
        @java.io.Serial
        private static final long serialVersionUID = 1;

        private final boolean foreign;

        BrokenFile(String message) {
            this(message, false);
        }

        private BrokenFile(String message, boolean foreign) {
            super(message);
            this.foreign = foreign;
        }

        /// Whether nothing in it says that it is Parquet.
        boolean isForeign() {
            return foreign;
        }
    }

    private record Input(Footer footer) implements InputFile {
        @Override
        public long getLength() {
            return footer.length;
        }

        @Override
        public org.apache.parquet.io.SeekableInputStream newStream() {
            End end = new End(footer);
            return new DelegatingSeekableInputStream(end) {
                @Override
                public long getPos() {
                    return end.position();
                }

                @Override
                public void seek(long position) throws IOException {
                    end.seek(position);
                }
            };
        }

        @Override
        public String toString() {
            return footer.location;
        }
    }

    /// The file from where its end begins.
    private static final class End extends ByteArrayInputStream {
        private final long begin;

        End(Footer footer) {
            super(footer.end);
            this.begin = footer.length - footer.end.length;
        }

        long position() {
            return begin + pos;
        }

        void seek(long position) throws IOException {
            if (position < begin || position > begin + count) {
                throw new IOException("Position " + position + " lies outside of the footer");
            }
            pos = (int) (position - begin);
        }
    }
}
