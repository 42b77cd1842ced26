package io.levada.ingest.capture;

import io.levada.ingest.IngestError;
import io.levada.ingest.changes.RegistryTrouble;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.iceberg.exceptions.RESTException;
import org.apache.kafka.common.KafkaException;

/// Why a source can not be captured now, and is tried again.
///
/// @param message of what is at the bottom of it
record SourceTrouble(IngestError code, String message, String nextStep) {
    /// Class 28 of SQLSTATE: invalid authorization specification.
    private static final String REFUSED = "28";

    private static final int DEEPEST_CAUSE = 50;

    /// What MariaDB's driver says where MySQL wants a password that only an encrypted connection may carry.
    private static final String NOT_ENCRYPTED = "RSA public key is not available";

    static SourceTrouble of(Throwable thrown) {
        List<Throwable> chain = Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
                .limit(DEEPEST_CAUSE)
                .toList();
        Throwable root = chain.getLast();
        String message = root.getClass().getSimpleName() + ": " + root.getMessage();
        if (Objects.requireNonNullElse(root.getMessage(), "").contains(NOT_ENCRYPTED)) {
            return new SourceTrouble(
                    IngestError.CAPTURE_LOGIN_REFUSED,
                    message,
                    "MySQL takes this user's password over an encrypted connection only: end the source's url with"
                            + " `?sslMode=trust`, or `?sslMode=verify-full` where its certificate can be checked");
        }
        if (chain.stream().anyMatch(SourceTrouble::isRefused)) {
            return new SourceTrouble(
                    IngestError.CAPTURE_LOGIN_REFUSED,
                    message,
                    "Correct the source's user and password, and see that the server lets this user in from here;"
                            + " Levada tries again by itself");
        }
        if (chain.stream().anyMatch(KafkaException.class::isInstance)) {
            return new SourceTrouble(
                    IngestError.CAPTURE_KAFKA_AWAY, message, "Levada tries again by itself; see that Kafka runs");
        }
        Optional<RegistryTrouble> registry = chain.stream()
                .filter(RegistryTrouble.class::isInstance)
                .map(RegistryTrouble.class::cast)
                .findFirst();
        if (registry.isPresent()) {
            return new SourceTrouble(
                    registry.get().outside() ? IngestError.CAPTURE_REGISTRY_AWAY : IngestError.CAPTURE_CATALOG_AWAY,
                    String.valueOf(registry.get().getMessage()),
                    registry.get().nextStep());
        }
        if (chain.stream().anyMatch(RESTException.class::isInstance)) {
            return new SourceTrouble(
                    IngestError.CAPTURE_CATALOG_AWAY,
                    message,
                    "Levada tries again by itself; see that catalog-service runs, and look into its log");
        }
        return new SourceTrouble(
                IngestError.CAPTURE_SOURCE_AWAY,
                message,
                "Levada tries again by itself; see that the database accepts connections");
    }

    private static boolean isRefused(Throwable thrown) {
        return thrown instanceof SQLException refusal
                && Objects.requireNonNullElse(refusal.getSQLState(), "").startsWith(REFUSED);
    }
}
