package io.levada.catalog.glue;

import java.io.Serial;
import org.apache.iceberg.exceptions.ValidationException;

/// The Data Catalog takes no such name, column or text. Nothing was changed.
public final class CatalogLimitException extends ValidationException {
    @Serial
    private static final long serialVersionUID = 1;

    /// Stands first in the message, as the REST protocol has no field for it.
    public static final String CODE = "CATALOG_LIMIT";

    CatalogLimitException(Throwable cause, String subject, String reason) {
        super(cause, "%s", text(subject, reason));
    }

    CatalogLimitException(String subject, String reason) {
        super("%s", text(subject, reason));
    }

    private static String text(String subject, String reason) {
        return CODE + ": " + subject + ": " + reason;
    }
}
