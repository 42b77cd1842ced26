package io.levada.local.demo;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Random;

/// What the users of `financeiro` do: mostly new ledger entries, some moves, some deletions, few new customers.
final class FinanceiroChanges implements DemoWriter.Changes {
    private final Connection connection;
    private final FinanceiroContent content;
    private long customers;
    private long step;

    /// @param connection is closed with it
    FinanceiroChanges(Connection connection) throws SQLException {
        this.connection = connection;
        this.content = new FinanceiroContent(connection);
        this.customers = content.count("customer");
        this.step = content.count("ledger");
    }

    @Override
    public void next() throws SQLException {
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
            customers++;
        }
        step++;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
