package io.levada.ingest.files;

import io.levada.definition.FilePlace;
import io.levada.ingest.IngestError;
import java.util.Set;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// What S3 refused, as code and next step.
final class S3Trouble {
    private static final int MOVED = 301;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int TIMED_OUT = 408;
    private static final int TOO_MANY = 429;
    private static final int SERVER = 500;

    /// What S3 calls a request that is signed for another region than the bucket's.
    private static final Set<String> OTHER_REGION =
            Set.of("AuthorizationHeaderMalformed", "PermanentRedirect", "IllegalLocationConstraintException");

    private S3Trouble() {}

    static Listing.Absent absent(FilePlace.S3Prefix place) {
        return new Listing.Absent(
                IngestError.FILES_BUCKET_MISSING,
                "There is no bucket " + place.bucket() + "; create it, or correct `path` and `s3: {endpoint}`");
    }

    /// @param what bucket or object, as people write it
    static PlaceTrouble of(String what, SdkException error) {
        return error instanceof S3Exception answer ? refused(what, answer) : unanswered(what, error);
    }

    private static PlaceTrouble refused(String what, S3Exception answer) {
        int status = answer.statusCode();
        String said = what + ": S3 answered " + status + ", " + answer.getMessage();
        if (status == UNAUTHORIZED || status == FORBIDDEN) {
            return new PlaceTrouble(
                    IngestError.FILES_FORBIDDEN,
                    said + "; give the credentials that Levada runs with s3:ListBucket on the bucket and s3:GetObject"
                            + " on its objects",
                    answer);
        }
        if (status == MOVED || names(answer, OTHER_REGION)) {
            return new PlaceTrouble(
                    IngestError.FILES_REGION, said + "; set `s3: {region}` to the bucket's region", answer);
        }
        if (status >= SERVER || status == TOO_MANY || status == TIMED_OUT) {
            return away(said, answer);
        }
        return new PlaceTrouble(IngestError.FILES_UNREADABLE, said, answer);
    }

    private static boolean names(S3Exception answer, Set<String> codes) {
        return answer.awsErrorDetails() != null
                && codes.contains(String.valueOf(answer.awsErrorDetails().errorCode()));
    }

    /// The SDK tells these apart by their messages only.
    private static PlaceTrouble unanswered(String what, SdkException error) {
        String said = what + ": " + error.getMessage();
        if (said.contains("Unable to load region")) {
            return new PlaceTrouble(
                    IngestError.FILES_REGION, said + "; set `s3: {region}`, or AWS_REGION in the environment", error);
        }
        if (said.contains("Unable to load credentials")) {
            return new PlaceTrouble(
                    IngestError.FILES_FORBIDDEN,
                    said + "; give Levada credentials where AWS's default chain finds them, such as AWS_ACCESS_KEY_ID"
                            + " and AWS_SECRET_ACCESS_KEY in the environment",
                    error);
        }
        return away(said, error);
    }

    private static PlaceTrouble away(String said, SdkException error) {
        return new PlaceTrouble(
                IngestError.FILES_STORAGE_AWAY,
                said + "; it is tried again. See that the endpoint can be reached from here",
                error);
    }
}
