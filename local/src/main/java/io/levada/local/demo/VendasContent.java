package io.levada.local.demo;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Random;

/// Orders and their items, the same on every machine: who ordered what and when follows from the order's number.
final class VendasContent {
    static final int ORDERS = 1_500;

    private static final Instant FIRST_DAY = Instant.parse("2023-02-01T09:00:00Z");
    private static final List<Product> PRODUCTS = List.of(
            new Product("Laptop", 1_200),
            new Product("Mouse", 25),
            new Product("Keyboard", 75),
            new Product("Monitor", 300),
            new Product("Webcam", 50),
            new Product("Headphones", 100));
    private static final List<String> STATES = List.of("enviada", "enviada", "enviada", "paga", "nova", "cancelada");

    private record Product(String name, int price) {}

    private final Connection connection;

    VendasContent(Connection connection) {
        this.connection = connection;
    }

    /// Makes the tables and fills them, in one transaction, unless they are there.
    void fillWhereEmpty() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // No statement that does nothing: each one stands in the binary log, and may mean that rows have changed.
            if (!exists(statement, "orders")) {
                statement.execute("""
                        CREATE TABLE orders (
                          id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
                          cliente_email varchar(120) NOT NULL,
                          estado enum('nova', 'paga', 'enviada', 'cancelada') NOT NULL,
                          feita_em datetime(3) NOT NULL)""");
            }
            if (!exists(statement, "order_items")) {
                statement.execute("""
                        CREATE TABLE order_items (
                          order_id int unsigned NOT NULL,
                          linha tinyint unsigned NOT NULL,
                          produto varchar(80) NOT NULL,
                          quantidade int NOT NULL,
                          preco decimal(10,2) NOT NULL,
                          PRIMARY KEY (order_id, linha))""");
            }
        }
        if (newestOrder() == 0) {
            connection.setAutoCommit(false);
            try (Inserts inserts = new Inserts(connection)) {
                for (int order = 1; order <= ORDERS; order++) {
                    inserts.add(order, FIRST_DAY.plus(order * 11L, ChronoUnit.HOURS));
                }
                inserts.execute();
            }
            connection.commit();
            connection.setAutoCommit(true);
        }
    }

    private static boolean exists(Statement statement, String table) throws SQLException {
        try (ResultSet rows = statement.executeQuery("SHOW TABLES LIKE '" + table + "'")) {
            return rows.next();
        }
    }

    /// The number of the newest order, 0 without one.
    long newestOrder() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT coalesce(max(id), 0) FROM orders")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    void insertOrder(long order, Instant orderedAt) throws SQLException {
        try (Inserts inserts = new Inserts(connection)) {
            inserts.add(order, orderedAt);
            inserts.execute();
        }
    }

    /// Orders with their one to four items.
    private static final class Inserts implements AutoCloseable {
        private final PreparedStatement orders;
        private final PreparedStatement items;

        Inserts(Connection connection) throws SQLException {
            orders = connection.prepareStatement(
                    "INSERT INTO orders (id, cliente_email, estado, feita_em) VALUES (?, ?, ?, ?)");
            items = connection.prepareStatement(
                    "INSERT INTO order_items (order_id, linha, produto, quantidade, preco) VALUES (?, ?, ?, ?, ?)");
        }

        void add(long order, Instant orderedAt) throws SQLException {
            Random random = new Random(order);
            orders.setLong(1, order);
            orders.setString(
                    2, DemoCustomers.number(random.nextInt(DemoCustomers.COUNT)).email());
            orders.setString(3, STATES.get(random.nextInt(STATES.size())));
            orders.setObject(4, LocalDateTime.ofInstant(orderedAt, ZoneOffset.UTC));
            orders.addBatch();
            int lines = 1 + random.nextInt(4);
            for (int line = 1; line <= lines; line++) {
                Product product = PRODUCTS.get(random.nextInt(PRODUCTS.size()));
                items.setLong(1, order);
                items.setInt(2, line);
                items.setString(3, product.name());
                items.setInt(4, 1 + random.nextInt(3));
                items.setBigDecimal(5, BigDecimal.valueOf(product.price() * (95L + random.nextInt(11)), 2));
                items.addBatch();
            }
        }

        void execute() throws SQLException {
            orders.executeBatch();
            items.executeBatch();
        }

        @Override
        public void close() throws SQLException {
            try (orders) {
                items.close();
            }
        }
    }

    /// A new order is paid, one that is paid is sent.
    void advanceOrder(long order) throws SQLException {
        update(
                "UPDATE orders SET estado = CASE estado WHEN 'nova' THEN 'paga' ELSE 'enviada' END"
                        + " WHERE id = ? AND estado IN ('nova', 'paga')",
                order);
    }

    void addToFirstItem(long order) throws SQLException {
        update("UPDATE order_items SET quantidade = quantidade + 1 WHERE order_id = ? AND linha = 1", order);
    }

    void deleteOrder(long order) throws SQLException {
        update("DELETE FROM order_items WHERE order_id = ?", order);
        update("DELETE FROM orders WHERE id = ?", order);
    }

    private void update(String sql, long order) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, order);
            statement.executeUpdate();
        }
    }
}
