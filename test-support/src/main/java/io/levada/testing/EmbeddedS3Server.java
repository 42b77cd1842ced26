package io.levada.testing;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Object;

/// s3proxy with its objects in memory.
public final class EmbeddedS3Server implements AutoCloseable {
    public static final String ACCESS_KEY = "levada-test";
    public static final String SECRET_KEY = "levada-test-secret";

    private final Objects objects = new Objects();
    private final S3Proxy server;
    private final S3Client client;

    /// The store, which counts downloads and their bytes.
    private static final class Objects extends ForwardingBlobStore {
        private final AtomicInteger downloads = new AtomicInteger();
        private final AtomicLong downloadedBytes = new AtomicLong();

        Objects() {
            super(new TransientNio2BlobStore());
        }

        @Override
        public ResponseInputStream<GetObjectResponse> getBlob(GetObjectRequest request) {
            downloads.incrementAndGet();
            ResponseInputStream<GetObjectResponse> blob = super.getBlob(request);
            downloadedBytes.addAndGet(blob.response().contentLength());
            return blob;
        }
    }

    private EmbeddedS3Server() {
        server = S3Proxy.builder()
                .blobStore(objects)
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, ACCESS_KEY, SECRET_KEY)
                .build();
        try {
            server.start();
        } catch (Exception e) {
            throw new IllegalStateException("s3proxy can not be started", e);
        }
        Eventually.within(Duration.ofSeconds(30), () -> {
            if (!server.getState().equals("STARTED")) {
                throw new AssertionError("s3proxy is " + server.getState());
            }
        });
        client = S3Client.builder()
                .endpointOverride(endpoint())
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .credentialsProvider(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create(ACCESS_KEY, SECRET_KEY)))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    public static EmbeddedS3Server start() {
        return new EmbeddedS3Server();
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getPort());
    }

    public void createBucket(String bucket) {
        client.createBucket(request -> request.bucket(bucket));
    }

    public void put(String bucket, String key, String text) {
        client.putObject(request -> request.bucket(bucket).key(key), RequestBody.fromString(text));
    }

    public void put(String bucket, String key, Path file) {
        client.putObject(request -> request.bucket(bucket).key(key), RequestBody.fromFile(file));
    }

    public void delete(String bucket, String key) {
        client.deleteObject(request -> request.bucket(bucket).key(key));
    }

    /// The keys in a bucket that begin with a prefix.
    public List<String> keys(String bucket, String prefix) {
        return client.listObjectsV2Paginator(request -> request.bucket(bucket).prefix(prefix)).contents().stream()
                .map(S3Object::key)
                .toList();
    }

    /// Copies an object into a file that is not there yet.
    public void download(String bucket, String key, Path file) {
        client.getObject(request -> request.bucket(bucket).key(key), file);
    }

    /// How many objects were read since the start.
    public int downloads() {
        return objects.downloads.get();
    }

    /// How many bytes were read since the start.
    public long downloadedBytes() {
        return objects.downloadedBytes.get();
    }

    @Override
    public void close() {
        client.close();
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("s3proxy can not be stopped", e);
        }
    }
}
