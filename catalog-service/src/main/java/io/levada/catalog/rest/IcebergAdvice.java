package io.levada.catalog.rest;

import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/// Failures of the catalog's controllers, as the protocol says them; before the advice that says all others as
/// problems.
@Order(Ordered.HIGHEST_PRECEDENCE)
@RestControllerAdvice(
        assignableTypes = {IcebergController.class, IcebergNamespaceController.class, IcebergViewController.class})
class IcebergAdvice {
    @ExceptionHandler
    ResponseEntity<byte[]> failed(Exception failure) throws IOException {
        return IcebergAnswer.failed(failure);
    }
}
