package io.levada.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;

/// Runs what `pg_dump` wrote: statements, and COPY blocks that end in `\.`.
final class SqlDump {
    private SqlDump() {}

    static void run(Connection connection, BufferedReader dump) throws IOException, SQLException {
        StringBuilder statements = new StringBuilder();
        for (String line = dump.readLine(); line != null; line = dump.readLine()) {
            if (line.startsWith("COPY ") && line.endsWith(" FROM stdin;")) {
                execute(connection, statements);
                copy(connection, line, dump);
            } else {
                statements.append(line).append('\n');
            }
        }
        execute(connection, statements);
    }

    private static void execute(Connection connection, StringBuilder statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(statements.toString());
        }
        statements.setLength(0);
    }

    private static void copy(Connection connection, String command, BufferedReader dump)
            throws IOException, SQLException {
        StringBuilder rows = new StringBuilder();
        for (String line = dump.readLine(); line != null && !line.equals("\\."); line = dump.readLine()) {
            rows.append(line).append('\n');
        }
        connection.unwrap(PGConnection.class).getCopyAPI().copyIn(command, new StringReader(rows.toString()));
    }
}
