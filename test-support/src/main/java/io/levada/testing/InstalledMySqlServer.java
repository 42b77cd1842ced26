package io.levada.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A real MySQL of this machine, started by its `mysqld`, with its binary log as Levada needs it.
///
/// No artifact of Maven Central holds a MySQL, so the tests run against one only where `LEVADA_TEST_MYSQLD` names the
/// executable.
public final class InstalledMySqlServer implements BinlogDatabase {
    private static final Duration START = Duration.ofMinutes(2);

    private final String mysqld;
    private final Path directory;
    private final int port;
    private @Nullable Process server;

    private InstalledMySqlServer(String mysqld, Path directory, int port) {
        this.mysqld = mysqld;
        this.directory = directory;
        this.port = port;
    }

    /// The executable that the environment names.
    public static Optional<String> executable() {
        return Optional.ofNullable(System.getenv("LEVADA_TEST_MYSQLD"));
    }

    /// @param mysqld the executable
    public static InstalledMySqlServer start(String mysqld, Path directory) {
        InstalledMySqlServer server = new InstalledMySqlServer(mysqld, directory.toAbsolutePath(), FreePorts.one());
        server.install();
        server.restart();
        return server;
    }

    private void install() {
        try {
            Files.createDirectories(directory);
            Files.writeString(
                    directory.resolve("users.sql"),
                    "CREATE USER IF NOT EXISTS 'levada'@'%' IDENTIFIED BY 'levada';\n"
                            + "GRANT ALL PRIVILEGES ON *.* TO 'levada'@'%' WITH GRANT OPTION;\n");
        } catch (IOException e) {
            throw new IllegalStateException("MySQL can not be installed in " + directory, e);
        }
        Process installed = launch("--initialize-insecure");
        if (installed.onExit().join().exitValue() != 0) {
            throw new IllegalStateException("MySQL was not installed; see " + directory.resolve("server.log"));
        }
    }

    private Process launch(String... more) {
        List<String> command = new ArrayList<>(List.of(
                mysqld,
                "--user=root",
                "--datadir=" + directory.resolve("data"),
                "--socket=" + directory.resolve("socket"),
                "--secure-file-priv=NULL",
                "--port=" + port,
                "--bind-address=127.0.0.1",
                "--mysqlx=OFF",
                "--server-id=1",
                "--log-bin=binlog",
                "--binlog-row-metadata=FULL",
                "--sync-binlog=1",
                "--innodb-buffer-pool-size=64M"));
        command.addAll(List.of(more));
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            directory.resolve("server.log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new IllegalStateException(mysqld + " can not be started", e);
        }
    }

    @Override
    public String user() {
        return "levada";
    }

    @Override
    public String password() {
        return "levada";
    }

    /// MySQL's accounts want an encrypted connection, or one that fetches the server's key.
    @Override
    public String url(String database) {
        return "jdbc:mysql://127.0.0.1:" + port + "/" + database + "?sslMode=trust";
    }

    /// With MariaDB's client, which reads MySQL's dumps and is in Debian's `mariadb-client`.
    @Override
    public void source(InputStream dump) throws IOException {
        new DumpClient(List.of("mariadb"), directory.resolve("client.log")).run(dump, port, user(), password());
    }

    @Override
    public void stop() {
        end(ProcessHandle::destroy);
    }

    @Override
    public void kill() {
        end(ProcessHandle::destroyForcibly);
    }

    private void end(Consumer<ProcessHandle> signal) {
        Process running = server;
        if (running != null) {
            running.descendants().forEach(signal);
            signal.accept(running.toHandle());
            running.onExit().join();
            server = null;
        }
    }

    @Override
    public void restart() {
        Process started = launch("--init-file=" + directory.resolve("users.sql"));
        server = started;
        Eventually.within(START, this::answers, answered -> answered || !started.isAlive());
        if (!started.isAlive()) {
            throw new IllegalStateException("MySQL did not start; see " + directory.resolve("server.log"));
        }
    }

    private boolean answers() {
        try (Connection connection = connect("mysql")) {
            return connection.isValid(1);
        } catch (SQLException _) {
            return false;
        }
    }

    @Override
    public void close() {
        stop();
    }
}
