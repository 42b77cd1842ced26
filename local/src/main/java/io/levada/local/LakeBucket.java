package io.levada.local;

import io.levada.definition.LakeDefinition;
import io.levada.definition.S3Settings;
import io.levada.lake.storage.BucketAccess;
import io.levada.lake.storage.BucketCheck;

/// The bucket that the lake is in, tried before anything starts. Later on, one that does not answer is waited for.
final class LakeBucket {
    private LakeBucket() {}

    /// @throws LocalException where the lake is in a bucket that can not be used
    static void requireUsable(LakeDefinition lake) {
        if (!lake.isBucket()) {
            return;
        }
        S3Settings s3 = lake.s3();
        BucketCheck check =
                BucketCheck.of(lake.location(), new BucketAccess(s3.endpoint(), s3.region(), s3.pathStyle()));
        if (check instanceof BucketCheck.Unusable(BucketCheck.Reason reason, String said)) {
            throw failure(lake, reason, said);
        }
    }

    private static LocalException failure(LakeDefinition lake, BucketCheck.Reason reason, String said) {
        String at = lake.location()
                + (lake.s3().endpoint() == null ? "" : " at " + lake.s3().endpoint());
        String message = "The lake's bucket can not be used, " + at + ": " + said;
        return switch (reason) {
            case MISSING ->
                new LocalException(
                        LocalError.LAKE_BUCKET_MISSING,
                        message,
                        "Create the bucket, or correct `lake: {location, endpoint}`");
            case FORBIDDEN ->
                new LocalException(
                        LocalError.LAKE_FORBIDDEN,
                        message,
                        "Give the credentials that Levada runs with s3:ListBucket on the bucket, without a condition on the prefix, and s3:GetObject,"
                                + " s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on its objects");
            case NO_CREDENTIALS ->
                new LocalException(
                        LocalError.LAKE_NO_CREDENTIALS,
                        message,
                        "Give Levada credentials where AWS's default chain finds them, such as AWS_ACCESS_KEY_ID and"
                                + " AWS_SECRET_ACCESS_KEY in the environment, a profile, or a role");
            case REGION ->
                new LocalException(
                        LocalError.LAKE_REGION,
                        message,
                        "Set `lake: {region}` to the bucket's region, or AWS_REGION in the environment");
            case UNREACHABLE ->
                new LocalException(
                        LocalError.LAKE_UNREACHABLE,
                        message,
                        "See that the endpoint can be reached from here and speaks S3, then start again");
        };
    }
}
