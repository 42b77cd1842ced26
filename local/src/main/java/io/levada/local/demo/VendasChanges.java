package io.levada.local.demo;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Random;

/// What the users of `vendas` do: mostly new orders, some that are paid or sent, some items more, few that are taken
/// back.
final class VendasChanges implements DemoWriter.Changes {
    private final Connection connection;
    private final VendasContent content;
    private long orders;
    private long step;

    /// @param connection is closed with it
    VendasChanges(Connection connection) throws SQLException {
        this.connection = connection;
        this.content = new VendasContent(connection);
        this.orders = content.newestOrder();
        this.step = orders;
        connection.setAutoCommit(false);
    }

    @Override
    public void next() throws SQLException {
        Random random = new Random(step);
        long order = 1 + random.nextLong(orders);
        int kind = random.nextInt(10);
        if (kind < 5) {
            orders++;
            content.insertOrder(orders, Instant.now());
        } else if (kind < 8) {
            content.advanceOrder(order);
        } else if (kind < 9) {
            content.addToFirstItem(order);
        } else {
            content.deleteOrder(order);
        }
        connection.commit();
        step++;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
