package io.levada.local.demo;

import java.io.IOException;
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
    private final List<DemoDatabase> databases;

    private DemoDatabases(List<DemoDatabase> databases) {
        this.databases = databases;
    }

    /// Starts both at once, and fills those that are new.
    ///
    /// @param data the servers' folders lie below it, as `postgres` and `mariadb`
    /// @param logs takes `postgres.log` and `mariadb.log`, which the servers themselves write
    /// @throws IOException where one of them does not start; the other is stopped then
    public static DemoDatabases start(Path data, Path logs) throws IOException {
        try (ExecutorService starters = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<DemoDatabase> financeiro = starters.submit(named(
                    "PostgreSQL", () -> FinanceiroDatabase.start(data.resolve("postgres"), logs.resolve("postgres.log"))));
            Future<DemoDatabase> vendas = starters.submit(
                    named("MariaDB", () -> VendasDatabase.start(data.resolve("mariadb"), logs.resolve("mariadb.log"))));
            List<Future<DemoDatabase>> starts = List.of(financeiro, vendas);
            try {
                return new DemoDatabases(List.of(started(financeiro), started(vendas)));
            } catch (IOException e) {
                for (Future<DemoDatabase> start : starts) {
                    closeStarted(start, e);
                }
                throw e;
            }
        }
    }

    private static Callable<DemoDatabase> named(String server, Callable<DemoDatabase> start) {
        return () -> {
            try {
                return start.call();
            } catch (IOException | SQLException e) {
                throw new IOException(server + ": " + e.getMessage(), e);
            }
        };
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

    private static void closeStarted(Future<DemoDatabase> start, IOException failure) {
        try {
            started(start).close();
        } catch (IOException e) {
            if (e != failure) {
                failure.addSuppressed(e);
            }
        }
    }

    /// The variables that `examples/lab/levada.yaml` reads.
    public Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        databases.forEach(database -> environment.putAll(database.environment()));
        return environment;
    }

    /// Changes the rows of both, about a dozen a second, until they are closed.
    public void keepWriting() {
        databases.forEach(DemoDatabase::keepWriting);
    }

    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (DemoDatabase database : databases) {
            try {
                database.close();
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
