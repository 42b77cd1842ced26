package io.levada.catalog.database;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.jdbc.JdbcClientPool;
import org.jspecify.annotations.Nullable;

/// Connections to the catalog's database, each of which is asked whether it lives before it is used.
///
/// Iceberg's own pool runs an action again after its connection broke: an update that was applied then finds nothing to
/// update, and a commit that succeeded is reported as a conflict. This one runs each action once, and says what
/// happened. Safe for use by several threads.
final class LivePool extends JdbcClientPool {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
    private static final int VALIDATION_SECONDS = 5;

    private final String url;
    private final Properties settings = new Properties();
    private final Semaphore places;
    private final Deque<Connection> idle = new ArrayDeque<>();
    private boolean closed;

    /// @param properties of the catalog: its URI, the number of clients, and the driver's settings with their
    ///     prefix
    LivePool(Map<String, String> properties) {
        super(given(properties, CatalogProperties.URI), properties);
        this.url = given(properties, CatalogProperties.URI);
        this.places = new Semaphore(Integer.parseInt(given(properties, CatalogProperties.CLIENT_POOL_SIZE)));
        properties.forEach((name, value) -> {
            if (name.startsWith(JdbcCatalog.PROPERTY_PREFIX)) {
                settings.put(name.substring(JdbcCatalog.PROPERTY_PREFIX.length()), value);
            }
        });
    }

    private static String given(Map<String, String> properties, String name) {
        return Objects.requireNonNull(properties.get(name), name);
    }

    @Override
    public <R> R run(Action<R, Connection, SQLException> action) throws SQLException, InterruptedException {
        return once(action);
    }

    /// @param retry not heeded: no action runs twice
    @Override
    public <R> R run(Action<R, Connection, SQLException> action, boolean retry)
            throws SQLException, InterruptedException {
        return once(action);
    }

    private <R> R once(Action<R, Connection, SQLException> action) throws SQLException, InterruptedException {
        if (!places.tryAcquire(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new SQLTransientConnectionException(
                    "No connection to the catalog's database was free for " + LONGEST_WAIT);
        }
        try {
            Connection connection = live();
            boolean sound = false;
            try {
                R result = action.run(connection);
                sound = true;
                return result;
            } finally {
                giveBack(connection, sound);
            }
        } finally {
            places.release();
        }
    }

    private Connection live() throws SQLException {
        Connection connection = taken();
        while (connection != null && !connection.isValid(VALIDATION_SECONDS)) {
            close(connection);
            connection = taken();
        }
        return connection == null ? DriverManager.getConnection(url, settings) : connection;
    }

    private synchronized @Nullable Connection taken() {
        return idle.poll();
    }

    /// A connection whose action failed is not used again, whatever the reason was.
    private void giveBack(Connection connection, boolean sound) {
        if (!sound || !keep(connection)) {
            close(connection);
        }
    }

    private synchronized boolean keep(Connection connection) {
        if (!closed) {
            idle.push(connection);
        }
        return !closed;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        Connection connection = taken();
        while (connection != null) {
            close(connection);
            connection = taken();
        }
    }
}
