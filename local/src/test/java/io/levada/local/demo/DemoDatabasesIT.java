package io.levada.local.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.Eventually;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DemoDatabasesIT {
    private static final Duration SOON = Eventually.PATIENCE;
    /// Transactions that stand in the binary log.
    private static final String WRITTEN = "SELECT substring_index(@@gtid_binlog_pos, '-', -1)";

    @TempDir
    private Path folder;

    @Test
    void fillThemselvesOnceAndKeepWritingOnRequest() throws Exception {
        // Given
        long items;
        long written;
        try (DemoDatabases first = DemoDatabases.begin(folder, folder)) {
            first.await();
            assertThat(financeiro(first, "SELECT count(*) FROM customer")).isEqualTo(DemoCustomers.COUNT);
            assertThat(financeiro(first, "SELECT count(*) FROM ledger")).isEqualTo(FinanceiroContent.ENTRIES);
            assertThat(financeiro(first, "SELECT count(DISTINCT email) FROM customer"))
                    .isEqualTo(DemoCustomers.COUNT);
            assertThat(vendas(first, "SELECT count(*) FROM orders")).isEqualTo(VendasContent.ORDERS);
            items = vendas(first, "SELECT count(*) FROM order_items");
            assertThat(items).isGreaterThan(VendasContent.ORDERS);
            written = vendas(first, WRITTEN);
        }

        try (DemoDatabases again = DemoDatabases.begin(folder, folder)) {
            again.await();
            assertThat(vendas(again, "SELECT count(*) FROM order_items")).isEqualTo(items);
            assertThat(vendas(again, WRITTEN)).isEqualTo(written);

            // When
            again.keepWriting();

            // Then
            Eventually.within(
                    SOON,
                    () -> financeiro(again, "SELECT max(id) FROM ledger"),
                    newest -> newest > FinanceiroContent.ENTRIES);
            Eventually.within(
                    SOON, () -> vendas(again, "SELECT max(id) FROM orders"), newest -> newest > VendasContent.ORDERS);
            assertThat(financeiro(again, "SELECT count(*) FROM customer")).isLessThan(2L * DemoCustomers.COUNT);
        }
    }

    private static long financeiro(DemoDatabases databases, String query) throws SQLException {
        return number(databases.environment(), "FINANCEIRO_URL", query);
    }

    private static long vendas(DemoDatabases databases, String query) throws SQLException {
        return number(databases.environment(), "VENDAS_URL", query);
    }

    private static long number(Map<String, String> environment, String url, String query) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(Objects.requireNonNull(environment.get(url)), "levada", "levada");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
