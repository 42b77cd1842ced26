package io.levada.catalog.registry;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import tools.jackson.core.JacksonException;

/// Failures of the registry's controllers, as its protocol says them.
@Order(Ordered.HIGHEST_PRECEDENCE)
@RestControllerAdvice(basePackageClasses = SubjectsController.class)
class RegistryAdvice {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryAdvice.class);
    private static final int UNREADABLE = 42201;
    private static final int DATABASE_FAILED = 50001;

    @ExceptionHandler
    ResponseEntity<byte[]> refused(RegistryFailure failure) {
        return RegistryJson.failed(failure.status(), failure.errorCode(), String.valueOf(failure.getMessage()));
    }

    @ExceptionHandler
    ResponseEntity<byte[]> unreadable(JacksonException failure) {
        return RegistryJson.failed(422, UNREADABLE, "The request can not be read: " + failure.getOriginalMessage());
    }

    @ExceptionHandler
    ResponseEntity<byte[]> empty(HttpMessageNotReadableException failure) {
        return RegistryJson.failed(422, UNREADABLE, "The request has no body that can be read");
    }

    @ExceptionHandler
    ResponseEntity<byte[]> invalid(MethodArgumentTypeMismatchException failure) {
        return RegistryJson.failed(
                400,
                400,
                "The parameter " + failure.getName() + " is '" + failure.getValue() + "', which it can not be");
    }

    @ExceptionHandler
    ResponseEntity<byte[]> failed(IllegalStateException failure) {
        LOG.atError().setCause(failure).log("A registry request failed");
        return RegistryJson.failed(500, DATABASE_FAILED, String.valueOf(failure.getMessage()));
    }
}
