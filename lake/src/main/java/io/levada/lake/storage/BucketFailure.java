package io.levada.lake.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletionException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// What S3 refused, as the exceptions that a disk's trouble has too, so that who reads and writes files need not know
/// where they are.
final class BucketFailure {
    private static final int NOT_FOUND = 404;

    private BucketFailure() {}

    /// @param doing such as `read`
    static RuntimeException of(String doing, String location, RuntimeException error) {
        RuntimeException cause = error;
        while (cause instanceof CompletionException && cause.getCause() instanceof RuntimeException inner) {
            cause = inner;
        }
        return switch (cause) {
            case NotFoundException missing -> missing;
            case S3Exception answer
            when answer.statusCode() == NOT_FOUND -> new NotFoundException(answer, "File does not exist: %s", location);
            case S3Exception answer ->
                failed(
                        "Cannot " + doing + " " + location + ": S3 answers " + answer.statusCode() + ", "
                                + answer.getMessage(),
                        answer);
            case SdkException unanswered ->
                failed("Cannot " + doing + " " + location + ": " + unanswered.getMessage(), unanswered);
            case UncheckedIOException failed -> failed;
            default -> error;
        };
    }

    private static RuntimeIOException failed(String message, Throwable cause) {
        return new RuntimeIOException(new IOException(message, cause));
    }
}
