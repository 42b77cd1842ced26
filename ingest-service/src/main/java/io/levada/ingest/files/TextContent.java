package io.levada.ingest.files;

import io.levada.ingest.IngestError;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.SequenceInputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The text of a file as UTF-8, without compression and byte order mark.
///
/// @param head the first bytes
/// @param rest those after
/// @param encoding what the file is in, by its name in Java
/// @param certain whether the encoding was declared or marked, not only assumed to be UTF-8
/// @param markBytes how many bytes of the uncompressed file stand before its text
record TextContent(byte[] head, InputStream rest, Charset encoding, boolean certain, int markBytes) {
    private static final int HEAD_BYTES = 64 * 1024;
    private static final byte[] UTF_8_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};
    private static final byte[] UTF_16LE_MARK = {(byte) 0xff, (byte) 0xfe};
    private static final byte[] UTF_16BE_MARK = {(byte) 0xfe, (byte) 0xff};

    /// Opens a file.
    ///
    /// @param declared null where the encoding is to be found out
    /// @param code of a file that is damaged
    static TextContent open(Path file, @Nullable Charset declared, IngestError code) throws IOException {
        InputStream in = PlainContent.open(file, code);
        try {
            byte[] head = in.readNBytes(HEAD_BYTES);
            Charset marked = marked(head);
            Charset guessed = marked == null ? unmarked(head) : marked;
            Charset charset = declared == null || declared.equals(StandardCharsets.UTF_16) ? guessed : declared;
            byte[] text = marked != null && marked.equals(charset)
                    ? Arrays.copyOfRange(head, marked.equals(StandardCharsets.UTF_8) ? 3 : 2, head.length)
                    : head;
            boolean certain = declared != null || marked != null;
            if (charset.equals(StandardCharsets.UTF_8)) {
                return new TextContent(text, in, charset, certain, head.length - text.length);
            }
            InputStream utf8 = new Transcoded(new SequenceInputStream(new ByteArrayInputStream(text), in), charset);
            return new TextContent(utf8.readNBytes(HEAD_BYTES), utf8, charset, true, head.length - text.length);
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }

    private static @Nullable Charset marked(byte[] head) {
        if (startsWith(head, UTF_8_MARK)) {
            return StandardCharsets.UTF_8;
        }
        if (startsWith(head, UTF_16LE_MARK)) {
            return StandardCharsets.UTF_16LE;
        }
        return startsWith(head, UTF_16BE_MARK) ? StandardCharsets.UTF_16BE : null;
    }

    private static boolean startsWith(byte[] head, byte[] mark) {
        return head.length >= mark.length && Arrays.equals(head, 0, mark.length, mark, 0, mark.length);
    }

    /// Text of Latin letters in UTF-16 has a zero in nearly every second byte.
    private static Charset unmarked(byte[] head) {
        int[] zeros = {0, 0};
        for (int i = 0; i < head.length; i++) {
            zeros[i % 2] += head[i] == 0 ? 1 : 0;
        }
        int many = head.length / 4;
        if (head.length < 4 || zeros[0] <= many && zeros[1] <= many || zeros[0] > many && zeros[1] > many) {
            return StandardCharsets.UTF_8;
        }
        return zeros[1] > many ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_16BE;
    }

    /// Text of another encoding as UTF-8. What is not in that encoding is refused, not replaced.
    private static final class Transcoded extends InputStream {
        private final Reader reader;
        private final Charset charset;
        private final char[] characters = new char[HEAD_BYTES];
        private byte[] bytes = new byte[0];
        private int next;
        private int kept;

        Transcoded(InputStream in, Charset charset) {
            this.charset = charset;
            this.reader = new InputStreamReader(
                    in,
                    charset.newDecoder()
                            .onMalformedInput(CodingErrorAction.REPORT)
                            .onUnmappableCharacter(CodingErrorAction.REPORT));
        }

        @Override
        public int read() throws IOException {
            return fill() ? bytes[next++] & 0xff : -1;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (!fill()) {
                return -1;
            }
            int given = Math.min(length, bytes.length - next);
            System.arraycopy(bytes, next, target, offset, given);
            next += given;
            return given;
        }

        private boolean fill() throws IOException {
            while (next == bytes.length) {
                int read;
                try {
                    read = reader.read(characters, kept, characters.length - kept);
                } catch (CharacterCodingException _) {
                    throw new RefusedFile(
                            IngestError.FILES_BAD_ENCODING,
                            "it is not " + charset + "; say in `encoding:` what it is in");
                }
                if (read < 0) {
                    return false;
                }
                int length = kept + read;
                // Half of a pair waits for the other half.
                kept = Character.isHighSurrogate(characters[length - 1]) ? 1 : 0;
                bytes = new String(characters, 0, length - kept).getBytes(StandardCharsets.UTF_8);
                characters[0] = kept == 1 ? characters[length - 1] : characters[0];
                next = 0;
            }
            return true;
        }

        @Override
        public void close() throws IOException {
            reader.close();
        }
    }
}
