package io.levada.catalog.glue;

import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.ServiceUnavailableException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.glue.model.AccessDeniedException;
import software.amazon.awssdk.services.glue.model.InvalidInputException;
import software.amazon.awssdk.services.glue.model.ValidationException;

/// Failures of Glue as Iceberg's exceptions, which the REST catalog answers with the right status.
final class GlueFailures {
    private GlueFailures() {}

    /// @param subject the table or namespace that the request was about
    static RuntimeException of(String subject, SdkException failure) {
        return switch (failure) {
            case ValidationException invalid -> new CatalogLimitException(invalid, subject, reason(invalid));
            case InvalidInputException invalid -> new CatalogLimitException(invalid, subject, reason(invalid));
            case AccessDeniedException denied ->
                new ForbiddenException(
                        denied,
                        "%s: the credentials of catalog-service may not do this in Glue: %s",
                        subject,
                        reason(denied));
            case InDoubtException doubt -> new CommitStateUnknownException(subject + ": " + doubt.getMessage(), doubt);
            default ->
                new ServiceUnavailableException(
                        failure, "%s: Glue did not carry out the request: %s", subject, failure.getMessage());
        };
    }

    private static String reason(AwsServiceException failure) {
        return failure.awsErrorDetails() == null
                ? String.valueOf(failure.getMessage())
                : String.valueOf(failure.awsErrorDetails().errorMessage());
    }
}
