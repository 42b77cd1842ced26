package io.levada.catalog;

import io.levada.lake.storage.BucketAccess;
import io.levada.testing.EmbeddedS3Server;
import io.levada.testing.Eventually;
import io.levada.testing.FaultyS3;
import io.levada.testing.FaultyS3.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/// A bucket of s3proxy, with faults between it and its clients.
public final class FaultyBucket implements AutoCloseable {
    private static final String BUCKET = "lake";
    private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("levada.outage.seconds", 5));

    private final EmbeddedS3Server server;
    private final FaultyS3 faulty;

    private FaultyBucket(EmbeddedS3Server server) {
        this.server = server;
        this.faulty = FaultyS3.before(server.endpoint());
    }

    /// Starts the server; its credentials are those of this JVM until it is closed.
    public static FaultyBucket start() {
        System.setProperty("aws.accessKeyId", EmbeddedS3Server.ACCESS_KEY);
        System.setProperty("aws.secretAccessKey", EmbeddedS3Server.SECRET_KEY);
        EmbeddedS3Server server = EmbeddedS3Server.start();
        server.createBucket(BUCKET);
        return new FaultyBucket(server);
    }

    public BucketAccess access() {
        return new BucketAccess(faulty.endpoint(), null, true);
    }

    public static String location(String prefix) {
        return "s3://" + BUCKET + "/" + prefix;
    }

    public List<String> keys(String prefix) {
        return server.keys(BUCKET, prefix);
    }

    /// The objects under a prefix that hold a text.
    ///
    /// @param scratch a folder for copies of them
    public List<String> objectsWith(String prefix, String text, Path scratch) throws IOException, SQLException {
        Path copies = Files.createTempDirectory(scratch, "objects");
        for (String key : keys(prefix + "/")) {
            Path copy = copies.resolve(key);
            Files.createDirectories(copy.getParent());
            server.download(BUCKET, key, copy);
        }
        return FilesWithText.below(copies, text);
    }

    /// No fault from now on.
    public void heal() {
        faulty.plan(_ -> Fault.NONE);
    }

    public int struck(Fault fault) {
        return faulty.struck(fault);
    }

    /// Every fifth request fails from now on, by throttling or by an error.
    public void throttle() {
        Random random = new Random(20261122);
        faulty.plan(_ -> switch (random.nextInt(10)) {
            case 0 -> Fault.SLOW_DOWN;
            case 1 -> Fault.ERROR;
            default -> Fault.NONE;
        });
    }

    /// The request at which storage goes away.
    public enum Moment {
        READ {
            @Override
            boolean begins(FaultyS3.Request request) {
                return request.method().equals("GET") && request.path().contains("/part-");
            }
        },
        UPLOAD {
            @Override
            boolean begins(FaultyS3.Request request) {
                return request.method().equals("PUT") && request.path().contains("/part-");
            }
        },
        COMMIT {
            @Override
            boolean begins(FaultyS3.Request request) {
                return request.method().equals("PUT") && request.path().contains(".metadata.json");
            }
        },
        DELETE {
            @Override
            boolean begins(FaultyS3.Request request) {
                return request.method().equals("DELETE") || request.path().contains("delete");
            }
        };

        abstract boolean begins(FaultyS3.Request request);
    }

    /// All requests fail for some seconds from one on.
    public final class Outage {
        private final Fault fault;
        private final AtomicLong began = new AtomicLong();
        private final int before;

        private Outage(Fault fault) {
            this.fault = fault;
            this.before = faulty.struck(fault);
        }

        private Fault of(Moment moment, FaultyS3.Request request) {
            if (moment.begins(request)) {
                began.compareAndSet(0, System.nanoTime());
            }
            return began.get() != 0 && System.nanoTime() - began.get() < OUTAGE.toNanos() ? fault : Fault.NONE;
        }

        public boolean hasStruck() {
            return faulty.struck(fault) > before;
        }

        public void awaitEnd() {
            Eventually.within(
                    Eventually.PATIENCE,
                    () -> began.get() != 0 && System.nanoTime() - began.get() >= OUTAGE.toNanos(),
                    over -> over);
        }
    }

    public Outage outageAt(Moment moment, Fault fault) {
        Outage outage = new Outage(fault);
        faulty.plan(request -> outage.of(moment, request));
        return outage;
    }

    @Override
    public void close() {
        faulty.close();
        server.close();
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
    }
}
