package io.levada.local.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A durable MariaDB with the database `vendas`: orders and their items.
final class VendasDatabase implements DemoDatabase {
    private static final String DATABASE = "vendas";
    private static final String USER = "levada";
    private static final Duration PAUSE = Duration.ofMillis(400);

    private final MariaServer server;
    private @Nullable DemoWriter writer;

    private VendasDatabase(MariaServer server) {
        this.server = server;
    }

    /// The variables of `examples/lab/levada.yaml` that lead to it.
    static Map<String, String> environment(int port) {
        return Map.of("VENDAS_URL", MariaServer.url(port, DATABASE), "VENDAS_USER", USER, "VENDAS_PASSWORD", USER);
    }

    /// Starts it, and fills it where it is new.
    ///
    /// @param folder of the server's files
    /// @param log what the server itself writes
    static VendasDatabase start(Path folder, Path log, int port) throws IOException, SQLException {
        VendasDatabase database = new VendasDatabase(MariaServer.start(folder, log, port, DATABASE, USER));
        try (Connection connection = database.server.connect()) {
            new VendasContent(connection).fillWhereEmpty();
            return database;
        } catch (SQLException e) {
            database.close();
            throw e;
        }
    }

    @Override
    public void keepWriting() {
        if (writer == null) {
            writer = DemoWriter.start(DATABASE, PAUSE, () -> new VendasChanges(server.connect()));
        }
    }

    @Override
    public void close() throws IOException {
        if (writer != null) {
            writer.close();
        }
        server.close();
    }
}
