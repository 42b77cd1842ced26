package io.levada.catalog.crawl;

import java.io.IOException;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;

/// Reads what a Parquet file says of itself.
final class Footer {
    private Footer() {}

    /// @throws IOException where the file can not be read
    /// @throws RuntimeException where it is no Parquet file, or a broken one
    static ParquetMetadata read(org.apache.iceberg.io.InputFile file) throws IOException {
        ParquetReadOptions options =
                ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
        try (ParquetFileReader reader = ParquetFileReader.open(new Input(file), options)) {
            return reader.getFooter();
        }
    }

    private record Input(org.apache.iceberg.io.InputFile file) implements InputFile {
        @Override
        public long getLength() {
            return file.getLength();
        }

        @Override
        public org.apache.parquet.io.SeekableInputStream newStream() {
            SeekableInputStream stream = file.newStream();
            return new DelegatingSeekableInputStream(stream) {
                @Override
                public long getPos() throws IOException {
                    return stream.getPos();
                }

                @Override
                public void seek(long position) throws IOException {
                    stream.seek(position);
                }
            };
        }

        @Override
        public String toString() {
            return file.location();
        }
    }
}
