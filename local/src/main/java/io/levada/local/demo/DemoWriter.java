package io.levada.local.demo;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Changes the demo's database as its users would: mostly new ledger entries, some moves, some deletions, few new
/// customers.
final class DemoWriter implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DemoWriter.class);
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration RECONNECT = Duration.ofSeconds(2);

    /// Opens a connection to the demo's database.
    @FunctionalInterface
    interface Connections {
        Connection open() throws SQLException;
    }

    private final Connections connections;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    private DemoWriter(Connections connections) {
        this.connections = connections;
        this.thread = Thread.ofVirtual().name("demo-writer").unstarted(this::run);
    }

    static DemoWriter start(Connections connections) {
        DemoWriter writer = new DemoWriter(connections);
        writer.thread.start();
        return writer;
    }

    private void run() {
        try {
            boolean stop = false;
            while (!stop) {
                stop = write();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// @return whether it was closed
    private boolean write() throws InterruptedException {
        try (Connection connection = connections.open()) {
            DemoContent content = new DemoContent(connection);
            long customers = content.count("customer");
            long step = content.count("ledger");
            while (!closed.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
                customers += change(content, customers, step++);
            }
            return true;
        } catch (SQLException e) {
            log.atWarn().setCause(e).log("The demo's database does not answer; trying again");
            return closed.await(RECONNECT.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /// @return how many customers were added
    private static int change(DemoContent content, long customers, long step) throws SQLException {
        Random random = new Random(step);
        long customer = 1 + random.nextLong(customers);
        int kind = random.nextInt(10);
        if (kind < 6) {
            content.insertEntry(customer, step, Instant.now());
        } else if (kind < 8) {
            content.moveCustomer(customer, step);
        } else if (kind < 9) {
            content.deleteOldestEntry(customer);
        } else {
            content.insertCustomer(customers, Instant.now());
            return 1;
        }
        return 0;
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
