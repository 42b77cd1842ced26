package io.levada.catalog.registry;

import java.io.Serial;

/// A request that the registry refuses, with the error code that Confluent's registry has for it.
final class RegistryFailure extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final int status;
    private final int errorCode;

    private RegistryFailure(int status, int errorCode, String message) {
        super(message);
        this.status = status;
        this.errorCode = errorCode;
    }

    static RegistryFailure subjectNotFound(String subject) {
        return new RegistryFailure(404, 40401, "Subject '" + subject + "' not found.");
    }

    static RegistryFailure versionNotFound(String version) {
        return new RegistryFailure(404, 40402, "Version " + version + " not found.");
    }

    static RegistryFailure schemaNotFound(String what) {
        return new RegistryFailure(404, 40403, "Schema not found: " + what);
    }

    static RegistryFailure levelNotFound(String subject) {
        return new RegistryFailure(
                404, 40408, "Subject '" + subject + "' does not have subject-level compatibility configured");
    }

    static RegistryFailure incompatible(String subject, String reasons) {
        return new RegistryFailure(
                409,
                409,
                "Schema being registered is incompatible with an earlier schema of '" + subject + "': " + reasons);
    }

    static RegistryFailure invalidSchema(String reason) {
        return new RegistryFailure(422, 42201, "Invalid schema: " + reason);
    }

    static RegistryFailure invalidVersion(String version) {
        return new RegistryFailure(
                422,
                42202,
                "The specified version '" + version + "' is not a valid version id: it must be 1 to 2^31-1, or latest");
    }

    static RegistryFailure invalidLevel(String level) {
        return new RegistryFailure(
                422, 42203, "Invalid compatibility level '" + level + "': this registry knows NONE and BACKWARD");
    }

    int status() {
        return status;
    }

    int errorCode() {
        return errorCode;
    }
}
