package io.levada.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// A TCP line to a server on this machine that loses an answer: a request with a certain text reaches the server, is
/// carried out there, and the connection is cut in place of the answer.
///
/// The text must come in one piece, as a database driver sends a statement. Safe for use by several threads.
public final class CutLine implements AutoCloseable {
    private final ServerSocket listener;
    private final int serverPort;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger cutsLeft = new AtomicInteger();
    private final AtomicInteger cuts = new AtomicInteger();
    private volatile String text = "";
    private volatile boolean before;

    private CutLine(ServerSocket listener, int serverPort) {
        this.listener = listener;
        this.serverPort = serverPort;
    }

    public static CutLine to(int serverPort) {
        try {
            CutLine line = new CutLine(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), serverPort);
            Thread.ofVirtual().start(line::accept);
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException("No line to port " + serverPort, e);
        }
    }

    public int port() {
        return listener.getLocalPort();
    }

    /// Loses the answers to the next requests that have this text, after the server has given them.
    public void loseAnswers(String requestText, int count) {
        text = requestText;
        before = false;
        cutsLeft.set(count);
    }

    /// Loses the next requests that have this text: the server never sees them.
    public void loseRequests(String requestText, int count) {
        text = requestText;
        before = true;
        cutsLeft.set(count);
    }

    /// How many connections were cut.
    public int cuts() {
        return cuts.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                connect(listener.accept());
            } catch (IOException _) {
                // The listener is closed: the loop ends.
            }
        }
    }

    private void connect(Socket client) throws IOException {
        try {
            Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
            open.add(client);
            open.add(server);
            Line line = new Line(client, server);
            Thread.ofVirtual().start(line::carryRequests);
            Thread.ofVirtual().start(line::carryAnswers);
        } catch (IOException _) {
            // The server is away, as the client is to see.
            client.close();
        }
    }

    private final class Line {
        private final Socket client;
        private final Socket server;
        private volatile boolean answerLost;

        Line(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void carryRequests() {
            carry(client, server, bytes -> {
                boolean meant = cutsLeft.get() > 0 && bytes.contains(text) && cutsLeft.getAndDecrement() > 0;
                if (meant) {
                    cuts.incrementAndGet();
                }
                answerLost |= meant;
                return !(meant && before);
            });
        }

        void carryAnswers() {
            carry(server, client, _ -> !answerLost);
        }

        private void carry(Socket from, Socket to, Gate gate) {
            byte[] buffer = new byte[1 << 16];
            try (from;
                    to) {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                int length = in.read(buffer);
                while (length >= 0 && gate.passes(new String(buffer, 0, length, StandardCharsets.ISO_8859_1))) {
                    out.write(buffer, 0, length);
                    out.flush();
                    length = in.read(buffer);
                }
            } catch (IOException _) {
                // The other direction has closed both ends.
            } finally {
                open.remove(from);
                open.remove(to);
            }
        }
    }

    private interface Gate {
        boolean passes(String bytes);
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The line did not close", e);
        }
    }
}
