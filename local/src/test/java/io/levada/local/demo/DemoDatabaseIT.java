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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DemoDatabaseIT {
    @TempDir
    private Path folder;

    @Test
    void fillsItselfOnceAndKeepsWritingOnRequest() throws Exception {
        // Given
        try (DemoDatabase first = start()) {
            assertThat(number(first, "SELECT count(*) FROM customer")).isEqualTo(DemoContent.CUSTOMERS);
            assertThat(number(first, "SELECT count(*) FROM ledger")).isEqualTo(DemoContent.ENTRIES);
            assertThat(number(first, "SELECT count(DISTINCT email) FROM customer"))
                    .isEqualTo(DemoContent.CUSTOMERS);
        }

        // When
        try (DemoDatabase again = start()) {
            again.keepWriting();

            // Then
            Eventually.within(
                    Duration.ofSeconds(20),
                    () -> number(again, "SELECT max(id) FROM ledger"),
                    newest -> newest > DemoContent.ENTRIES);
            assertThat(number(again, "SELECT count(*) FROM customer")).isLessThan(2L * DemoContent.CUSTOMERS);
        }
    }

    private DemoDatabase start() throws Exception {
        return DemoDatabase.start(folder.resolve("postgres"), folder.resolve("postgres.log"));
    }

    private static long number(DemoDatabase database, String query) throws SQLException {
        String url = database.environment().get("FINANCEIRO_URL");
        try (Connection connection = DriverManager.getConnection(url, "levada", "levada");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
