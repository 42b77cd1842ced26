package io.levada.testing.aws;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// AWS Glue's Data Catalog for tests: databases and tables in memory, over the protocol that the SDK speaks.
///
/// Every request is checked against AWS's own model of the service. One that the model does not allow is refused, as
/// AWS would, and fails the test that sent it: [#close] throws. Faults come when a test asks for them. Safe for use
/// by several threads.
public final class EmbeddedGlueServer implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final AwsServiceModel MODEL = AwsServiceModel.load("glue-2017-03-31");

    private final GlueStore store = new GlueStore();
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Call> calls = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private final Map<String, Deque<Fault>> faults = new HashMap<>();
    private final Map<String, Integer> struck = new HashMap<>();
    private boolean away;

    /// A request that arrived, whatever became of it.
    public record Call(String operation, JsonNode body) {}

    /// What goes wrong with one request.
    private sealed interface Fault {
        /// The request is answered by this error.
        record Error(boolean afterApplying, GlueRefusal refusal) implements Fault {}

        /// The request is carried out, and the connection ends without an answer.
        record LostAnswer() implements Fault {}

        /// Something else happens first.
        record Overtaken(Runnable by) implements Fault {}

        /// The answer waits.
        record Held(CountDownLatch released) implements Fault {}
    }

    private EmbeddedGlueServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    public static EmbeddedGlueServer start() {
        return new EmbeddedGlueServer();
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /// The requests so far, in the order of their arrival.
    public synchronized List<Call> calls() {
        return List.copyOf(calls);
    }

    /// The requests so far of one operation.
    public List<JsonNode> calls(String operation) {
        return calls().stream()
                .filter(call -> call.operation().equals(operation))
                .map(Call::body)
                .toList();
    }

    public synchronized void forgetCalls() {
        calls.clear();
    }

    /// The next requests of an operation are throttled.
    public void throttle(String operation, int times) {
        refuse(operation, times, "ThrottlingException", 400);
    }

    /// The next requests of an operation are answered by an error, and not carried out.
    public void refuse(String operation, int times, String code, int status) {
        fault(operation, times, new Fault.Error(false, new GlueRefusal(code, status, "Refused by the test")));
    }

    /// The next requests of an operation are carried out and then answered by an error.
    public void failAfterApplying(String operation, int times, String code, int status) {
        fault(operation, times, new Fault.Error(true, new GlueRefusal(code, status, "Failed by the test")));
    }

    /// The next requests of an operation are carried out, and their connections end without an answer.
    public void loseAnswers(String operation, int times) {
        fault(operation, times, new Fault.LostAnswer());
    }

    /// Before the next request of an operation is carried out, something else happens.
    public void overtake(String operation, Runnable by) {
        fault(operation, 1, new Fault.Overtaken(by));
    }

    /// The next requests of an operation wait for the returned latch, and go on then.
    public CountDownLatch hold(String operation, int times) {
        CountDownLatch released = new CountDownLatch(1);
        fault(operation, times, new Fault.Held(released));
        return released;
    }

    private synchronized void fault(String operation, int times, Fault fault) {
        Deque<Fault> queue = faults.computeIfAbsent(operation, _ -> new ArrayDeque<>());
        for (int i = 0; i < times; i++) {
            queue.add(fault);
        }
    }

    /// While away, every connection ends before its request is carried out.
    public synchronized void away(boolean nowAway) {
        away = nowAway;
    }

    public synchronized boolean away() {
        return away;
    }

    /// How many requests of an operation a fault has struck, or came while the server was away.
    public synchronized int struck(String operation) {
        return struck.getOrDefault(operation, 0);
    }

    /// Forgets the faults that no request has met yet.
    public synchronized void calm() {
        faults.clear();
    }

    /// As the quota of archived versions of a table.
    public void mostArchivedVersions(int most) {
        store.mostArchivedVersions(most);
    }

    /// The limits that requests did not keep, for a test that expects some; they are forgotten then.
    public synchronized List<String> takeViolations() {
        List<String> taken = List.copyOf(violations);
        violations.clear();
        return taken;
    }

    /// A request from the test itself.
    public JsonNode ask(String operation, String body) {
        return answer(operation, JSON.readTree(body));
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String target = String.valueOf(exchange.getRequestHeaders().getFirst("X-Amz-Target"));
            String operation = target.substring(target.indexOf('.') + 1);
            JsonNode body = JSON.readTree(exchange.getRequestBody());
            synchronized (this) {
                calls.add(new Call(operation, body));
            }
            Fault fault = nextFault(operation);
            if (away()) {
                return;
            }
            try {
                requireKnown(exchange, target);
                JsonNode answer = answer(operation, body, fault);
                if (!(fault instanceof Fault.LostAnswer)) {
                    send(exchange, 200, answer);
                }
            } catch (GlueRefusal e) {
                ObjectNode error = JSON.createObjectNode();
                error.put("__type", e.code());
                error.put("Message", e.getMessage());
                exchange.getResponseHeaders().add("x-amzn-ErrorType", e.code());
                send(exchange, e.status(), error);
            }
        } catch (JacksonException | IllegalStateException e) {
            note("A request could not be handled: " + e);
            throw e;
        }
    }

    private synchronized @Nullable Fault nextFault(String operation) {
        Deque<Fault> queue = faults.get(operation);
        Fault fault = queue == null ? null : queue.poll();
        if (fault != null || away) {
            struck.merge(operation, 1, Integer::sum);
        }
        return fault;
    }

    private void requireKnown(HttpExchange exchange, String target) {
        String authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
        if (!authorization.startsWith("AWS4-HMAC-SHA256 ")) {
            throw GlueRefusal.of("MissingAuthenticationTokenException", "The request is not signed");
        }
        if (!target.startsWith(MODEL.targetPrefix() + ".")) {
            note(target + " is no request of Glue");
            throw GlueRefusal.of("UnknownOperationException", "No such target: " + target);
        }
    }

    private JsonNode answer(String operation, JsonNode body, @Nullable Fault fault) {
        return switch (fault) {
            case null -> answer(operation, body);
            case Fault.LostAnswer _ -> answer(operation, body);
            case Fault.Overtaken overtaken -> {
                overtaken.by().run();
                yield answer(operation, body);
            }
            case Fault.Held held -> {
                await(held.released());
                yield answer(operation, body);
            }
            case Fault.Error error -> {
                if (error.afterApplying()) {
                    answer(operation, body);
                }
                throw error.refusal();
            }
        };
    }

    private static void await(CountDownLatch released) {
        try {
            released.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The server stopped while an answer was held", e);
        }
    }

    private JsonNode answer(String operation, JsonNode body) {
        List<AwsServiceModel.Violation> wrong = MODEL.request(operation, body);
        if (!wrong.isEmpty()) {
            wrong.forEach(violation -> note(operation + ": " + violation));
            throw GlueRefusal.of("ValidationException", wrong.size() + " validation errors detected: " + wrong);
        }
        JsonNode answer = store.carryOut(operation, body);
        MODEL.answer(operation, answer).forEach(violation -> note("Answer of " + operation + ": " + violation));
        return answer;
    }

    private synchronized void note(String violation) {
        violations.add(violation);
    }

    private static void send(HttpExchange exchange, int status, JsonNode body) throws IOException {
        byte[] content = JSON.writeValueAsBytes(body);
        exchange.getResponseHeaders().add("Content-Type", "application/x-amz-json-1.1");
        exchange.sendResponseHeaders(status, content.length);
        exchange.getResponseBody().write(content);
    }

    /// @throws AssertionError where a request broke a limit of AWS's model
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        List<String> broken = takeViolations();
        if (!broken.isEmpty()) {
            throw new AssertionError("Requests broke limits of AWS Glue's model: " + broken);
        }
    }
}
