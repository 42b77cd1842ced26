package io.levada.testing;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// An HTTP answer as it came over a connection that ended with it.
record RawAnswer(int status, Map<String, String> headers, byte[] body) {
    private static final int INTERIM = 200;

    static RawAnswer read(InputStream in, String method) throws IOException {
        while (true) {
            int status = Integer.parseInt(line(in).split(" ")[1]);
            Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                int colon = line.indexOf(':');
                headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
            if (status >= INTERIM) {
                byte[] rest = method.equals("HEAD") ? new byte[0] : in.readAllBytes();
                boolean chunked = headers.getOrDefault("Transfer-Encoding", "")
                        .toLowerCase(Locale.ROOT)
                        .contains("chunked");
                return new RawAnswer(status, headers, chunked ? joined(rest) : rest);
            }
        }
    }

    @Nullable
    String header(String name) {
        return headers.get(name);
    }

    private static byte[] joined(byte[] chunks) throws IOException {
        InputStream in = new ByteArrayInputStream(chunks);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int length = length(in); length > 0; length = length(in)) {
            body.write(in.readNBytes(length));
            line(in);
        }
        return body.toByteArray();
    }

    private static int length(InputStream in) throws IOException {
        return Integer.parseInt(line(in).strip(), 16);
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }
}
