package io.levada.lake.columns;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;

/// Compresses whole pages, from one array into another.
///
/// What it gives is valid until its next use.
final class ZstdPages implements BytesInputCompressor {
    private final int level;
    private @Nullable ZstdCompressCtx context;
    private byte[] compressed = {};

    /// @param level null for the codec's own
    ZstdPages(@Nullable String level) {
        this.level = level == null ? Zstd.defaultCompressionLevel() : Integer.parseInt(level);
    }

    /// Made with the first page: it lies outside the heap, where nothing bounds it.
    private ZstdCompressCtx context() {
        ZstdCompressCtx made = context;
        if (made == null) {
            made = new ZstdCompressCtx().setLevel(level);
            context = made;
        }
        return made;
    }

    @Override
    public BytesInput compress(BytesInput bytes) throws IOException {
        ByteBuffer plain = bytes.toByteBuffer();
        int bound = Math.toIntExact(Zstd.compressBound(plain.remaining()));
        if (compressed.length < bound) {
            compressed = new byte[bound];
        }
        int length = context()
                .compressByteArray(
                        compressed,
                        0,
                        compressed.length,
                        plain.array(),
                        plain.arrayOffset() + plain.position(),
                        plain.remaining());
        return BytesInput.from(compressed, 0, length);
    }

    @Override
    public CompressionCodecName getCodecName() {
        return CompressionCodecName.ZSTD;
    }

    @Override
    public void release() {
        if (context != null) {
            context.close();
            context = null;
        }
    }
}
