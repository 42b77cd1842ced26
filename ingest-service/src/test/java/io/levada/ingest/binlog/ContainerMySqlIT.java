package io.levada.ingest.binlog;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.levada.definition.BinlogSource;
import io.levada.definition.Secret;
import io.levada.definition.SourceTable;
import io.levada.ingest.capture.CaptureKafka;
import io.levada.ingest.capture.CopiedFiles;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/// The official image of MySQL 8 as a source. Skipped where no container engine runs.
class ContainerMySqlIT {
    private static final String DATABASE = "shop";
    private static final String USER = "root";
    private static final String SECRET = "secret";
    private static final int PORT = 3306;

    @Test
    void loadsATableAndPublishesWhatChangesAfterwards(@TempDir Path directory) throws Exception {
        assumeTrue(
                DockerClientFactory.instance().isDockerAvailable(),
                "No container engine is reachable; the official MySQL image is not tried");
        try (GenericContainer<?> mysql = new GenericContainer<>("mysql:8.4")
                        .withEnv("MYSQL_ROOT_PASSWORD", SECRET)
                        .withEnv("MYSQL_DATABASE", DATABASE)
                        .withCommand("mysqld", "--server-id=1", "--log-bin=binlog", "--binlog-row-metadata=FULL")
                        .withExposedPorts(PORT)
                        // While the image fills its data directory, a first server listens on port 0.
                        .waitingFor(Wait.forLogMessage(".*ready for connections.*port: 3306.*", 1));
                CaptureKafka kafka = CaptureKafka.start(directory.resolve("kafka"))) {
            mysql.start();
            // MySQL's accounts want an encrypted connection, or one that fetches the server's key.
            String address =
                    "://" + mysql.getHost() + ":" + mysql.getMappedPort(PORT) + "/" + DATABASE + "?sslMode=trust";
            execute("jdbc:mariadb" + address, BinlogScenario.TABLE);
            BinlogSource source = new BinlogSource(
                    DATABASE,
                    BinlogSource.Product.MYSQL,
                    "jdbc:mysql" + address,
                    USER,
                    new Secret(SECRET),
                    List.of(new SourceTable(DATABASE, "t", "t")));

            BinlogScenario.loadAndChange(
                    kafka,
                    new CopiedFiles(directory.resolve("lake")),
                    source,
                    statements -> execute("jdbc:mariadb" + address, statements));
        }
    }

    private static void execute(String url, String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url, USER, SECRET);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
