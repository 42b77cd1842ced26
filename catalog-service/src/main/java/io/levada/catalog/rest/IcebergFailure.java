package io.levada.catalog.rest;

import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.BadRequestException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NamespaceNotEmptyException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.NoSuchViewException;
import org.apache.iceberg.exceptions.NotAuthorizedException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.ServiceUnavailableException;
import org.apache.iceberg.exceptions.UnprocessableEntityException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.rest.responses.ErrorResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.HttpRequestMethodNotSupportedException;

/// A failure as the Iceberg REST specification answers it. After an update, 500 says that the outcome is not known, and
/// 503 that nothing was done: clients look, or try again.
record IcebergFailure(int status, ErrorResponse response) {
    private static final Logger LOG = LoggerFactory.getLogger(IcebergFailure.class);

    static IcebergFailure of(Exception failure) {
        int status = status(failure);
        if (status >= 500) {
            LOG.atWarn().setCause(failure).addKeyValue("status", status).log("A catalog request failed");
        }
        return new IcebergFailure(
                status,
                ErrorResponse.builder()
                        .responseCode(status)
                        .withType(failure.getClass().getSimpleName())
                        .withMessage(String.valueOf(failure.getMessage()))
                        .build());
    }

    private static int status(Exception failure) {
        return switch (failure) {
            case BadRequestException _, ValidationException _, IllegalArgumentException _ -> 400;
            case NamespaceNotEmptyException _, AlreadyExistsException _, CommitFailedException _ -> 409;
            case NoSuchTableException _, NoSuchViewException _, NoSuchNamespaceException _, NotFoundException _ -> 404;
            case ForbiddenException _ -> 403;
            case UnprocessableEntityException _ -> 422;
            case HttpRequestMethodNotSupportedException _, UnsupportedOperationException _ -> 406;
            case ErrorResponseException response -> response.getStatusCode().value();
            case NotAuthorizedException _ -> 401;
            case ServiceUnavailableException _ -> 503;
            default -> 500;
        };
    }
}
