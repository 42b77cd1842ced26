package io.levada.ingest.postgres;

import io.levada.definition.PostgresSource;
import java.sql.Connection;
import java.sql.SQLException;

/// Removes what Levada has at a source's server, for a pipeline that does not run.
public final class PostgresRemoval {
    private PostgresRemoval() {}

    /// Removes slot and publication, where they are there.
    ///
    /// @return what was done, for people
    /// @throws SourceProblem where somebody reads from the slot
    public static String remove(String project, PostgresSource source) throws SQLException {
        PostgresServer server = new PostgresServer(project, source);
        try (Connection connection = server.connect()) {
            return server.slots().remove(connection);
        }
    }
}
