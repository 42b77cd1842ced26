package io.levada.ingest.files;

import io.levada.definition.FilePlace;
import io.levada.definition.S3Settings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/// The objects of a bucket whose keys begin with a prefix. S3 shows an object only once all of it is there, and an
/// object's ETag changes whenever its content does.
///
/// The SDK repeats what failed for a passing reason, a bounded number of times.
final class WatchedPrefix implements WatchedPlace {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration SILENCE = Duration.ofSeconds(30);
    private static final int PRECONDITION_FAILED = 412;

    private final FilePlace.S3Prefix place;
    private @Nullable S3Client opened;

    WatchedPrefix(FilePlace.S3Prefix place) {
        this.place = place;
    }

    /// Opened late, since the default chain may find no region.
    private synchronized S3Client client() {
        S3Client client = opened;
        if (client == null) {
            S3Settings settings = place.settings();
            S3ClientBuilder builder = S3Client.builder()
                    .forcePathStyle(settings.pathStyle())
                    .overrideConfiguration(configuration -> configuration.retryStrategy(RetryMode.STANDARD))
                    .httpClientBuilder(UrlConnectionHttpClient.builder()
                            .connectionTimeout(CONNECT)
                            .socketTimeout(SILENCE));
            if (settings.endpoint() != null) {
                builder.endpointOverride(settings.endpoint()).region(Region.US_EAST_1);
            } else {
                builder.crossRegionAccessEnabled(true);
            }
            if (settings.region() != null) {
                builder.region(Region.of(settings.region()));
            }
            client = builder.build();
            opened = client;
        }
        return client;
    }

    @Override
    public Listing list() throws IOException {
        SortedMap<String, Spool.Signature> files = new TreeMap<>();
        try {
            for (S3Object object : client().listObjectsV2Paginator(
                            request -> request.bucket(place.bucket()).prefix(place.prefix()))
                    .contents()) {
                String path = object.key().substring(place.prefix().length());
                if (canBeFile(path)) {
                    files.put(
                            path,
                            new Spool.Signature(
                                    object.size(), object.lastModified().toEpochMilli(), object.eTag()));
                }
            }
        } catch (NoSuchBucketException _) {
            return S3Trouble.absent(place);
        } catch (SdkException e) {
            throw S3Trouble.of(place.text(), e);
        }
        return new Listing.Found(files, 0);
    }

    /// Whether the rest of a key behind the prefix names a file that is not passed over.
    static boolean canBeFile(String path) {
        return !path.isEmpty() && !path.endsWith("/") && !Listing.ignores(path);
    }

    @Override
    public Duration interval() {
        return place.listEvery();
    }

    @Override
    public boolean completeAtOnce() {
        return true;
    }

    @Override
    public Optional<Spool.Signature> signature(String path) throws IOException {
        try {
            HeadObjectResponse object = client().headObject(
                            request -> request.bucket(place.bucket()).key(place.prefix() + path));
            return Optional.of(new Spool.Signature(
                    object.contentLength(), object.lastModified().toEpochMilli(), object.eTag()));
        } catch (NoSuchKeyException _) {
            return Optional.empty();
        } catch (SdkException e) {
            throw S3Trouble.of(name(path), e);
        }
    }

    @Override
    public Spool.Reading copy(String path, Spool.Signature expected, Spool spool) throws IOException {
        return read(path, () -> spool.copy(new Download(path, expected), expected.bytes()));
    }

    @Override
    public Spool.Reading hash(String path, Spool.Signature expected) throws IOException {
        return read(path, () -> Spool.hash(new Download(path, expected), expected.bytes()));
    }

    private interface Read {
        Spool.Reading run() throws IOException;
    }

    private Spool.Reading read(String path, Read read) throws IOException {
        try {
            return read.run();
        } catch (NoSuchKeyException e) {
            NoSuchFileException gone = new NoSuchFileException(name(path));
            gone.initCause(e);
            throw gone;
        } catch (S3Exception e) {
            if (e.statusCode() == PRECONDITION_FAILED) {
                return new Spool.Discarded();
            }
            throw S3Trouble.of(name(path), e);
        } catch (SdkException e) {
            throw S3Trouble.of(name(path), e);
        }
    }

    /// Reads exactly the version that was listed: S3 refuses another one.
    private final class Download implements Spool.Original {
        private final String path;
        private final Spool.Signature expected;

        Download(String path, Spool.Signature expected) {
            this.path = path;
            this.expected = expected;
        }

        @Override
        public InputStream open() {
            return client().getObject(request ->
                    request.bucket(place.bucket()).key(place.prefix() + path).ifMatch(expected.tag()));
        }

        @Override
        public boolean unchanged() {
            return true;
        }
    }

    @Override
    public String name(String path) {
        return place.text() + path;
    }

    @Override
    public synchronized void close() {
        if (opened != null) {
            opened.close();
        }
    }
}
