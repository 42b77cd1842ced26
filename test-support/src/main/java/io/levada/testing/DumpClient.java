package io.levada.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// MariaDB's command-line client, which runs the dumps of MySQL too.
///
/// @param command the client, with its options but for the server's address and user
/// @param messages the file that takes what it says
record DumpClient(List<String> command, Path messages) {
    DumpClient {
        command = List.copyOf(command);
    }

    /// @throws IOException with what the client said, where a statement fails
    void run(InputStream dump, int port, String user, String password) throws IOException {
        List<String> whole = new ArrayList<>(command);
        whole.addAll(List.of(
                "--default-character-set=utf8mb4",
                "--host=127.0.0.1",
                "--port=" + port,
                "--user=" + user,
                "--password=" + password));
        Process client = new ProcessBuilder(whole)
                .redirectErrorStream(true)
                .redirectOutput(messages.toFile())
                .start();
        try (OutputStream statements = client.getOutputStream()) {
            dump.transferTo(statements);
        }
        if (client.onExit().join().exitValue() != 0) {
            throw new IOException("The dump can not be run: " + Files.readString(messages));
        }
    }
}
