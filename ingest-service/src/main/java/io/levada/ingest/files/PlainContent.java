package io.levada.ingest.files;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStream;
import io.levada.ingest.IngestError;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/// The bytes of a file without their compression, which is told by the first bytes: gzip, Zstandard or none.
final class PlainContent {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int[] GZIP = {0x1f, 0x8b};
    private static final int[] ZSTD = {0x28, 0xb5, 0x2f, 0xfd};
    private static final List<String> COMPRESSIONS = List.of(".gz", ".zst");

    private PlainContent() {}

    /// Opens a file. Reading throws [RefusedFile] where its compressed stream is damaged.
    ///
    /// @param code of a file that is damaged
    static InputStream open(Path file, IngestError code) throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
        try {
            if (startsWith(in, GZIP)) {
                return new Guarded(code, "its gzip stream is damaged", () -> new GZIPInputStream(in, BUFFER_BYTES));
            }
            if (startsWith(in, ZSTD)) {
                return new Guarded(code, "its Zstandard stream is damaged", () -> new ZstdInputStream(in));
            }
            return in;
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }

    /// Whether a file's bytes stand for themselves.
    static boolean isPlain(Path file) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), ZSTD.length)) {
            return !startsWith(in, GZIP) && !startsWith(in, ZSTD);
        }
    }

    private static boolean startsWith(InputStream in, int[] magic) throws IOException {
        in.mark(magic.length);
        boolean all = true;
        for (int wanted : magic) {
            all &= in.read() == wanted;
        }
        in.reset();
        return all;
    }

    /// The extension of a file's name, in lower case, that of a compression taken off; empty where it has none.
    static String extension(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
        for (String compression : COMPRESSIONS) {
            name = name.endsWith(compression) ? name.substring(0, name.length() - compression.length()) : name;
        }
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(dot + 1);
    }

    private interface Opening {
        InputStream open() throws IOException;
    }

    /// Tells damage of the stream from failures of the disk.
    private static final class Guarded extends FilterInputStream {
        private final IngestError code;
        private final String damage;

        Guarded(IngestError code, String damage, Opening opening) throws IOException {
            super(InputStream.nullInputStream());
            this.code = code;
            this.damage = damage;
            try {
                this.in = opening.open();
            } catch (IOException e) {
                throw told(e);
            }
        }

        private IOException told(IOException e) {
            boolean damaged = e instanceof ZipException || e instanceof EOFException || e instanceof ZstdIOException;
            return damaged ? new RefusedFile(code, damage) : e;
        }

        @Override
        public int read() throws IOException {
            try {
                return in.read();
            } catch (IOException e) {
                throw told(e);
            }
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            try {
                return in.read(target, offset, length);
            } catch (IOException e) {
                throw told(e);
            }
        }
    }
}
