package io.levada.ingest.files;

import io.levada.ingest.IngestError;
import java.net.URI;
import java.util.Set;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.model.SqsException;

/// What SQS refused, as code and next step. Objects are found by listing meanwhile.
final class QueueTrouble {
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int TIMED_OUT = 408;
    private static final int TOO_MANY = 429;
    private static final int SERVER = 500;

    /// What AWS calls refusals; their status is 400 or 403.
    private static final Set<String> REFUSALS = Set.of(
            "AccessDenied",
            "AccessDeniedException",
            "ExpiredToken",
            "ExpiredTokenException",
            "IncompleteSignature",
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "KmsAccessDenied",
            "MissingAuthenticationToken",
            "OptInRequired",
            "SignatureDoesNotMatch",
            "UnrecognizedClientException");

    private static final Set<String> PASSING =
            Set.of("RequestThrottled", "ThrottlingException", "Throttling", "OverLimit", "KmsThrottled");

    private QueueTrouble() {}

    static PlaceTrouble of(URI queue, SdkException error) {
        String said = "Queue " + queue + ": ";
        if (error instanceof SqsException answer) {
            return refused(said + "SQS answered " + answer.statusCode() + ", " + answer.getMessage(), answer);
        }
        return unanswered(said + error.getMessage(), error);
    }

    private static PlaceTrouble refused(String said, SqsException answer) {
        int status = answer.statusCode();
        String code =
                answer.awsErrorDetails() == null ? "" : answer.awsErrorDetails().errorCode();
        if (code.endsWith("NonExistentQueue") || code.endsWith("QueueDoesNotExist")) {
            return trouble(
                    IngestError.FILES_QUEUE_MISSING,
                    said + "; create the queue, or correct `s3: {notifications}`",
                    answer);
        }
        if (status == UNAUTHORIZED || status == FORBIDDEN || REFUSALS.contains(code)) {
            return forbidden(said, answer);
        }
        if (status >= SERVER || status == TOO_MANY || status == TIMED_OUT || PASSING.contains(code)) {
            return away(said, answer);
        }
        return trouble(
                IngestError.FILES_QUEUE_REFUSED,
                said + "; see that the URL and the region of the queue are right",
                answer);
    }

    private static PlaceTrouble forbidden(String said, SdkException error) {
        return trouble(
                IngestError.FILES_QUEUE_FORBIDDEN,
                said + "; give the credentials that Levada runs with sqs:ReceiveMessage and sqs:DeleteMessage on the"
                        + " queue, and kms:Decrypt on its key where it has one",
                error);
    }

    /// The SDK tells these apart by their messages only.
    private static PlaceTrouble unanswered(String said, SdkException error) {
        if (said.contains("Unable to load credentials")) {
            return forbidden(said, error);
        }
        if (said.contains("Unable to load region")) {
            return trouble(
                    IngestError.FILES_QUEUE_REFUSED,
                    said + "; set `s3: {region}`, or AWS_REGION in the environment",
                    error);
        }
        return away(said, error);
    }

    private static PlaceTrouble away(String said, SdkException error) {
        return trouble(
                IngestError.FILES_QUEUE_AWAY,
                said + "; it is tried again. See that the queue's host can be reached from here",
                error);
    }

    private static PlaceTrouble trouble(IngestError code, String said, SdkException error) {
        return new PlaceTrouble(code, said + ". Objects are found by listing meanwhile", error);
    }
}
