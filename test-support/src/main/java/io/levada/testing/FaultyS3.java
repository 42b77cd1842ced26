package io.levada.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/// Stands between S3's clients and an S3 server, and fails where it is told to.
public final class FaultyS3 implements AutoCloseable {
    /// What becomes of one request.
    public enum Fault {
        NONE,
        /// 503 SlowDown; the server does not see the request.
        SLOW_DOWN,
        /// 500 InternalError; the server does not see the request.
        ERROR,
        /// 403 AccessDenied; the server does not see the request.
        FORBIDDEN,
        /// The server carries the request out, and its answer is lost with the connection.
        ANSWER_LOST,
        /// The connection ends before the server sees anything.
        AWAY
    }

    /// One request as far as a fault may depend on it.
    ///
    /// @param path of the URL with its query, such as `/bucket/key?uploads`
    /// @param number of this request, from 1, among those with the same method
    public record Request(String method, String path, int number) {}

    /// Chooses the fault for each request.
    @FunctionalInterface
    public interface Plan {
        Fault fault(Request request);

        /// A fault for the first requests that fit, and none afterwards.
        static Plan first(int times, Fault fault, Predicate<Request> fits) {
            AtomicInteger left = new AtomicInteger(times);
            return request -> fits.test(request) && left.getAndDecrement() > 0 ? fault : Fault.NONE;
        }
    }

    private static final Set<String> OF_THE_CONNECTION =
            Set.of("connection", "transfer-encoding", "keep-alive", "content-length", "expect");

    private final URI server;
    private final HttpServer http;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();
    private final Map<Fault, AtomicInteger> done = new ConcurrentHashMap<>();
    private volatile Plan plan = _ -> Fault.NONE;

    private FaultyS3(URI server, HttpServer http) {
        this.server = server;
        this.http = http;
    }

    public static FaultyS3 before(URI server) {
        try {
            HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            FaultyS3 faulty = new FaultyS3(server, http);
            http.createContext("/", faulty::answer);
            http.setExecutor(faulty.threads);
            http.start();
            return faulty;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
    }

    /// What happens from now on.
    public void plan(Plan next) {
        counts.clear();
        plan = next;
    }

    /// How often a fault has struck.
    public int struck(Fault fault) {
        return done.getOrDefault(fault, new AtomicInteger()).get();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().toString();
            int number = counts.computeIfAbsent(exchange.getRequestMethod(), _ -> new AtomicInteger())
                    .incrementAndGet();
            Fault fault = plan.fault(new Request(exchange.getRequestMethod(), path, number));
            done.computeIfAbsent(fault, _ -> new AtomicInteger()).incrementAndGet();
            switch (fault) {
                case NONE -> forward(exchange, true);
                case FORBIDDEN -> refuse(exchange, 403, "AccessDenied");
                case ANSWER_LOST -> forward(exchange, false);
                case SLOW_DOWN -> refuse(exchange, 503, "SlowDown");
                case ERROR -> refuse(exchange, 500, "InternalError");
                case AWAY -> exchange.getRequestBody().readAllBytes();
            }
        }
    }

    private static void refuse(HttpExchange exchange, int status, String code) throws IOException {
        exchange.getRequestBody().readAllBytes();
        byte[] body = ("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>" + code
                        + "</Code><Message>Told to</Message></Error>")
                .getBytes(StandardCharsets.UTF_8);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.getResponseHeaders().set("Content-Type", "application/xml");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    /// Byte for byte over a connection of its own, since the signature covers what the client sent.
    private void forward(HttpExchange exchange, boolean answered) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        try (Socket socket = new Socket(server.getHost(), server.getPort())) {
            OutputStream out = socket.getOutputStream();
            StringBuilder head =
                    new StringBuilder(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " HTTP/1.1\r\n");
            exchange.getRequestHeaders().forEach((name, values) -> {
                if (!OF_THE_CONNECTION.contains(name.toLowerCase(Locale.ROOT))) {
                    values.forEach(value ->
                            head.append(name).append(": ").append(value).append("\r\n"));
                }
            });
            head.append("Content-Length: ").append(body.length).append("\r\nConnection: close\r\n\r\n");
            out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
            out.write(body);
            out.flush();
            RawAnswer answer = RawAnswer.read(socket.getInputStream(), exchange.getRequestMethod());
            if (answered) {
                give(exchange, answer);
            }
        }
    }

    private static void give(HttpExchange exchange, RawAnswer answer) throws IOException {
        answer.headers().forEach((name, value) -> {
            if (!OF_THE_CONNECTION.contains(name.toLowerCase(Locale.ROOT))) {
                exchange.getResponseHeaders().add(name, value);
            }
        });
        if (exchange.getRequestMethod().equals("HEAD")) {
            String length = answer.header("content-length");
            if (length != null) {
                exchange.getResponseHeaders().set("Content-Length", length);
            }
            exchange.sendResponseHeaders(answer.status(), -1);
            return;
        }
        exchange.sendResponseHeaders(answer.status(), answer.body().length == 0 ? -1 : answer.body().length);
        if (answer.body().length > 0) {
            exchange.getResponseBody().write(answer.body());
        }
    }

    @Override
    public void close() {
        http.stop(0);
        threads.close();
    }
}
