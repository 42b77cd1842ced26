package io.levada.testing.aws;

import java.io.Serial;

/// An error as Glue answers it.
final class GlueRefusal extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final String code;
    private final int status;

    GlueRefusal(String code, int status, String message) {
        super(message);
        this.code = code;
        this.status = status;
    }

    static GlueRefusal of(String code, String message) {
        return new GlueRefusal(code, 400, message);
    }

    String code() {
        return code;
    }

    int status() {
        return status;
    }
}
