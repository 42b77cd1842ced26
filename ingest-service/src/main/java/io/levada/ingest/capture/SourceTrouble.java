package io.levada.ingest.capture;

import io.levada.ingest.IngestError;
import java.sql.SQLException;
import java.util.Objects;

/// Why a source can not be captured now, and is tried again.
///
/// @param message of what is at the bottom of it
record SourceTrouble(IngestError code, String message, String nextStep) {
    /// Class 28 of SQLSTATE: invalid authorization specification.
    private static final String REFUSED = "28";

    /// What MariaDB's driver says where MySQL wants a password that only an encrypted connection may carry.
    private static final String NOT_ENCRYPTED = "RSA public key is not available";

    static SourceTrouble of(Throwable thrown) {
        Throwable root = thrown;
        boolean refused = isRefused(root);
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
            refused |= isRefused(root);
        }
        String message = root.getClass().getSimpleName() + ": " + root.getMessage();
        if (Objects.requireNonNullElse(root.getMessage(), "").contains(NOT_ENCRYPTED)) {
            return new SourceTrouble(
                    IngestError.CAPTURE_LOGIN_REFUSED,
                    message,
                    "MySQL takes this user's password over an encrypted connection only: end the source's url with"
                            + " `?sslMode=trust`, or `?sslMode=verify-full` where its certificate can be checked");
        }
        return refused
                ? new SourceTrouble(
                        IngestError.CAPTURE_LOGIN_REFUSED,
                        message,
                        "Correct the source's user and password, and see that the server lets this user in from here;"
                                + " Levada tries again by itself")
                : new SourceTrouble(
                        IngestError.CAPTURE_SOURCE_AWAY,
                        message,
                        "Levada tries again by itself; see that the database accepts connections");
    }

    private static boolean isRefused(Throwable thrown) {
        return thrown instanceof SQLException refusal
                && Objects.requireNonNullElse(refusal.getSQLState(), "").startsWith(REFUSED);
    }
}
