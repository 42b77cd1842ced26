package io.levada.catalog.commit;

import java.io.Serial;

/// A commit's condition does not hold on the base of this attempt. Not retried by Iceberg, and no sign for it to delete
/// what the attempt wrote: an earlier attempt with an unknown outcome may have made it part of the table.
public final class FencedException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    FencedException(String message) {
        super(message);
    }
}
