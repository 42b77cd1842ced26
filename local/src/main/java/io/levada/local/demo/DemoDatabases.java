package io.levada.local.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// The databases of the default example, embedded: `financeiro` in a PostgreSQL, `vendas` in a MariaDB.
public final class DemoDatabases implements AutoCloseable {
    private final ExecutorService starters = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, String> environment = new HashMap<>();
    private final List<Future<DemoDatabase>> starts;
    private boolean writing;

    private DemoDatabases(Path data, Path logs) throws IOException {
        int postgres = freePort();
        int maria = freePort();
        environment.putAll(FinanceiroDatabase.environment(postgres));
        environment.putAll(VendasDatabase.environment(maria));
        starts = List.of(
                start(
                        "PostgreSQL",
                        () -> FinanceiroDatabase.start(
                                data.resolve("postgres"), logs.resolve("postgres.log"), postgres)),
                start(
                        "MariaDB",
                        () -> VendasDatabase.start(data.resolve("mariadb"), logs.resolve("mariadb.log"), maria)));
    }

    /// Begins to start both at once, and to fill those that are new. Returns at once.
    ///
    /// @param data the servers' folders lie below it, as `postgres` and `mariadb`
    /// @param logs takes `postgres.log` and `mariadb.log`, which the servers themselves write
    public static DemoDatabases begin(Path data, Path logs) throws IOException {
        return new DemoDatabases(data, logs);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private Future<DemoDatabase> start(String server, Callable<DemoDatabase> start) {
        return starters.submit(() -> {
            try {
                return start.call();
            } catch (IOException | SQLException e) {
                throw new IOException(server + ": " + e.getMessage(), e);
            }
        });
    }

    /// The variables that `examples/lab/levada.yaml` reads.
    public Map<String, String> environment() {
        return Map.copyOf(environment);
    }

    /// Waits until both run and are filled.
    ///
    /// @throws IOException where one of them does not start
    public void await() throws IOException {
        for (Future<DemoDatabase> start : starts) {
            started(start);
        }
    }

    /// Changes the rows of both, about a dozen a second, until they are closed; waits until they run. Does nothing
    /// where they are changed already.
    public synchronized void keepWriting() throws IOException {
        if (writing) {
            return;
        }
        writing = true;
        for (Future<DemoDatabase> start : starts) {
            started(start).keepWriting();
        }
    }

    private static DemoDatabase started(Future<DemoDatabase> start) throws IOException {
        try {
            return start.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while the databases started", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        }
    }

    /// Stops those that run, or will soon.
    @Override
    public void close() throws IOException {
        starters.close();
        IOException failure = null;
        for (Future<DemoDatabase> start : starts) {
            if (start.state() == Future.State.SUCCESS) {
                try {
                    start.resultNow().close();
                } catch (IOException e) {
                    failure = e;
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
