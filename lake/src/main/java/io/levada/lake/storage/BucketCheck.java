package io.levada.lake.storage;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.UUID;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// Whether the lake's bucket can be listed, written and read, which is tried.
public sealed interface BucketCheck {
    /// The object that is written, again each time, below the lake's prefix.
    String PROBE = ".levada-can-write";

    /// It can.
    record Usable() implements BucketCheck {}

    /// It can not.
    ///
    /// @param said what S3 answered, or why nothing did
    record Unusable(Reason reason, String said) implements BucketCheck {}

    /// Why a bucket can not be used.
    enum Reason {
        /// There is no such bucket.
        MISSING,
        /// The credentials do not allow it, or are not valid.
        FORBIDDEN,
        /// The default chain finds no credentials.
        NO_CREDENTIALS,
        /// The bucket is in another region, or none is known.
        REGION,
        /// Nothing answers, or not as S3 does.
        UNREACHABLE
    }

    /// Lists, writes and reads one object.
    ///
    /// @param location `s3://bucket` or `s3://bucket/prefix`
    static BucketCheck of(String location, BucketAccess access) {
        String rest = location.substring(location.indexOf("://") + 3);
        int slash = rest.indexOf('/');
        String bucket = slash < 0 ? rest : rest.substring(0, slash);
        String prefix = slash < 0 ? "" : rest.substring(slash + 1) + "/";
        BucketClients clients = new BucketClients();
        clients.initialize(access.asProperties());
        try (S3Client client = clients.s3()) {
            client.listObjectsV2(
                    request -> request.bucket(bucket).prefix(prefix).maxKeys(1));
            client.putObject(
                    request -> request.bucket(bucket).key(prefix + PROBE),
                    RequestBody.fromString("Levada writes this at its start.\n", StandardCharsets.UTF_8));
            client.getObjectAsBytes(request -> request.bucket(bucket).key(prefix + PROBE));
            requireAnswerForWhatIsMissing(client, bucket, prefix);
            return new Usable();
        } catch (S3Exception e) {
            return new Unusable(reason(e), "S3 answers " + e.statusCode() + ", " + e.getMessage());
        } catch (SdkException e) {
            return new Unusable(reason(e), String.valueOf(e.getMessage()));
        }
    }

    /// Whether there is an object has to be known; S3 says so only to those who may list the bucket.
    private static void requireAnswerForWhatIsMissing(S3Client client, String bucket, String prefix) {
        try {
            client.headObject(request -> request.bucket(bucket).key(prefix + PROBE + "-" + UUID.randomUUID()));
        } catch (NoSuchKeyException _) {
            // as it has to be
        }
    }

    private static Reason reason(S3Exception answer) {
        Set<String> otherRegion =
                Set.of("AuthorizationHeaderMalformed", "PermanentRedirect", "IllegalLocationConstraintException");
        String code = answer.awsErrorDetails() == null
                ? ""
                : String.valueOf(answer.awsErrorDetails().errorCode());
        if (otherRegion.contains(code)) {
            return Reason.REGION;
        }
        return switch (answer.statusCode()) {
            case 301, 307 -> Reason.REGION;
            case 401, 403 -> Reason.FORBIDDEN;
            case 404 -> Reason.MISSING;
            default -> Reason.UNREACHABLE;
        };
    }

    /// The SDK tells these apart by their messages only.
    private static Reason reason(SdkException unanswered) {
        String said = String.valueOf(unanswered.getMessage());
        if (said.contains("Unable to load region")) {
            return Reason.REGION;
        }
        return said.contains("Unable to load credentials") ? Reason.NO_CREDENTIALS : Reason.UNREACHABLE;
    }
}
