package io.levada.ingest.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.levada.definition.FilePlace;
import io.levada.definition.S3Settings;
import io.levada.testing.EmbeddedS3Server;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

@ResourceLock(Resources.SYSTEM_PROPERTIES)
class WatchedPrefixIT {
    private static @Nullable EmbeddedS3Server server;

    @TempDir
    Path directory = Path.of("unset");

    @BeforeAll
    static void startServer() {
        server = EmbeddedS3Server.start();
        credentials(EmbeddedS3Server.SECRET_KEY);
    }

    @AfterAll
    static void stopServer() {
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
        server().close();
    }

    private static void credentials(String secret) {
        System.setProperty("aws.accessKeyId", EmbeddedS3Server.ACCESS_KEY);
        System.setProperty("aws.secretAccessKey", secret);
    }

    private static EmbeddedS3Server server() {
        return Objects.requireNonNull(server);
    }

    private static WatchedPrefix prefix(String bucket, String prefix) {
        return prefix(server().endpoint(), bucket, prefix);
    }

    private static WatchedPrefix prefix(URI endpoint, String bucket, String prefix) {
        return new WatchedPrefix(
                new FilePlace.S3Prefix(bucket, prefix, new S3Settings(endpoint, null, true), Duration.ofMillis(50)));
    }

    private static Map<String, Spool.Signature> list(WatchedPrefix prefix) throws Exception {
        return ((Listing.Found) prefix.list()).files();
    }

    @Test
    void listsAllPagesAndPassesOverWhatIsNoFile() throws Exception {
        server().createBucket("listing");
        IntStream.range(0, 1001).parallel().forEach(i -> server().put("listing", "in/%04d.csv".formatted(i), "id\n"));
        server().put("listing", "in/", "");
        server().put("listing", "in/ano=2026/m\u00eas +1.csv", "id\n1\n");
        server().put("listing", "in/.hidden/a.csv", "id\n");
        server().put("listing", "in/_x.csv.tmp", "id\n");
        server().put("listing", "inbox/a.csv", "id\n");
        try (WatchedPrefix prefix = prefix("listing", "in/")) {
            Map<String, Spool.Signature> files = list(prefix);

            assertThat(files).hasSize(1002).containsKeys("0000.csv", "1000.csv", "ano=2026/m\u00eas +1.csv");
            assertThat(prefix.signature("ano=2026/m\u00eas +1.csv")
                            .map(signature -> signature.tag() + signature.bytes()))
                    .hasValue(Objects.requireNonNull(files.get("ano=2026/m\u00eas +1.csv"))
                                    .tag()
                            + 5);
            assertThat(prefix.signature("none.csv")).isEmpty();
        }
    }

    @Test
    void readsOnlyTheVersionThatWasListed() throws Exception {
        server().createBucket("versions");
        server().put("versions", "a.csv", "id\n1\n");
        Spool spool = new Spool(directory);
        try (WatchedPrefix prefix = prefix("versions", "")) {
            Spool.Signature listed = Objects.requireNonNull(list(prefix).get("a.csv"));
            Spool.Reading first = prefix.copy("a.csv", listed, spool);
            server().put("versions", "a.csv", "id\n2\n");

            Spool.Reading second = prefix.copy("a.csv", listed, spool);

            assertThat(first).isInstanceOf(Spool.Complete.class);
            assertThat(Files.readString(((Spool.Complete) first).copy())).isEqualTo("id\n1\n");
            assertThat(prefix.hash("a.csv", Objects.requireNonNull(list(prefix).get("a.csv"))))
                    .isInstanceOf(Spool.Hashed.class);
            assertThat(second).isEqualTo(new Spool.Discarded());
            server().delete("versions", "a.csv");
            assertThatThrownBy(() -> prefix.copy("a.csv", listed, spool)).isInstanceOf(NoSuchFileException.class);
        }
    }

    @Test
    void saysWhatIsWrongWithTheBucket() throws Exception {
        server().createBucket("closed");
        try (WatchedPrefix absent = prefix("absent", "");
                WatchedPrefix away = prefix(URI.create("http://127.0.0.1:1"), "closed", "")) {
            assertThat(absent.list())
                    .isInstanceOfSatisfying(
                            Listing.Absent.class,
                            listing -> assertThat(listing.error().code()).isEqualTo("FILES-BUCKET-MISSING"));
            assertThat(trouble(away)).isEqualTo("FILES-STORAGE-AWAY");
        }
        try (WatchedPrefix closed = prefix("closed", "")) {
            credentials("wrong");
            assertThat(trouble(closed)).isEqualTo("FILES-FORBIDDEN");
        } finally {
            credentials(EmbeddedS3Server.SECRET_KEY);
        }
    }

    private static String trouble(WatchedPrefix prefix) {
        return catchThrowableOfType(PlaceTrouble.class, prefix::list).error().code();
    }
}
