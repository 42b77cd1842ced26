package io.levada.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbeddedServersIT {
    @TempDir
    private Path directory;

    @Test
    void keepsClusterAndTopicsOverARestartOfKafka() throws Exception {
        // Given
        String clusterId;
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory);
                Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic("some-topic", Optional.of(1), Optional.empty())))
                    .all()
                    .get();
            clusterId = admin.describeCluster().clusterId().get();
        }

        // When
        try (EmbeddedKafka again = EmbeddedKafka.start(directory);
                Admin admin = Admin.create(Map.of("bootstrap.servers", again.bootstrapServers()))) {
            // Then
            assertThat(admin.describeCluster().clusterId().get()).isEqualTo(clusterId);
            assertThat(admin.listTopics().names().get()).contains("some-topic");
        }
    }

    @Test
    void keepsWhatIsCommittedWhenPostgresIsKilled() throws Exception {
        try (EmbeddedPostgresServer postgres = EmbeddedPostgresServer.start(directory)) {
            // Given
            postgres.createDatabase("shop");
            postgres.execute("shop", "CREATE TABLE item (id int PRIMARY KEY)", "INSERT INTO item VALUES (7)");

            // When
            postgres.kill();
            postgres.restart();

            // Then
            try (Connection connection = postgres.connect("shop");
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT id, current_setting('wal_level') FROM item")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getInt(1)).isEqualTo(7);
                assertThat(rows.getString(2)).isEqualTo("logical");
            }
        }
    }
}
