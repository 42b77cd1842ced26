package io.levada.catalog.glue;

import java.io.Serial;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;

/// Glue may have carried the request out: an attempt had no answer, or one that does not say. The cause is the end of
/// the last attempt.
///
/// Of the client, so that Iceberg does not take it for a refusal.
final class InDoubtException extends SdkClientException {
    @Serial
    private static final long serialVersionUID = 1;

    InDoubtException(Throwable last) {
        super(SdkClientException.builder()
                .message("Glue may have carried out the request: an attempt had no answer or one that does not say ("
                        + last.getMessage() + ")")
                .cause(last));
    }

    /// Whether the last attempt met what an earlier one has done, or somebody else.
    boolean endedWith(Class<? extends AwsServiceException> answer) {
        return answer.isInstance(getCause());
    }
}
