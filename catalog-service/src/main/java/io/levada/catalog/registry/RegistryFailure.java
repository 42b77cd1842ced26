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

    static RegistryFailure subjectDeleted(String subject) {
        return new RegistryFailure(
                404, 40404, "Subject '" + subject + "' was soft deleted. Set permanent=true to delete permanently");
    }

    static RegistryFailure subjectNotDeleted(String subject) {
        return new RegistryFailure(
                404, 40405, "Subject '" + subject + "' was not deleted first before being permanently deleted");
    }

    static RegistryFailure versionDeleted(String subject, int version) {
        return new RegistryFailure(
                404,
                40406,
                "Subject '" + subject + "' Version " + version
                        + " was soft deleted. Set permanent=true to delete permanently");
    }

    static RegistryFailure versionNotDeleted(String subject, int version) {
        return new RegistryFailure(
                404,
                40407,
                "Subject '" + subject + "' Version " + version
                        + " was not deleted first before being permanently deleted");
    }

    static RegistryFailure levelNotFound(String subject) {
        return new RegistryFailure(
                404, 40408, "Subject '" + subject + "' does not have subject-level compatibility configured");
    }

    static RegistryFailure modeNotFound(String subject) {
        return new RegistryFailure(404, 40409, "Subject '" + subject + "' does not have subject-level mode configured");
    }

    static RegistryFailure incompatible(String subject, CompatibilityLevel level, String reasons) {
        return new RegistryFailure(
                409,
                409,
                "Schema being registered is incompatible with an earlier schema for subject '" + subject
                        + "', whose compatibility level is " + level + ": " + reasons);
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

    /// @param known the levels that there are
    static RegistryFailure invalidLevel(String level, String known) {
        return new RegistryFailure(
                422, 42203, "Invalid compatibility level '" + level + "'. Valid values are " + known);
    }

    /// A part of a subject's configuration that this registry does not keep.
    static RegistryFailure unknownSetting(String name) {
        return new RegistryFailure(
                422, 42203, "This registry keeps no '" + name + "' in its config, only 'compatibility': leave it out");
    }

    static RegistryFailure invalidMode(String mode) {
        return new RegistryFailure(
                422, 42204, "Invalid mode '" + mode + "'. Valid values are READWRITE, READONLY and IMPORT");
    }

    static RegistryFailure notPermitted(String reason) {
        return new RegistryFailure(422, 42205, reason);
    }

    static RegistryFailure idDoesNotMatch(int present, int given) {
        return new RegistryFailure(
                422,
                42207,
                "Schema already registered with id " + present + " instead of input id " + given
                        + ": in this registry a schema has one id under every subject");
    }

    static RegistryFailure invalidSubject(String subject, String reason) {
        return new RegistryFailure(422, 42208, "The specified subject '" + subject + "' is not valid: " + reason);
    }

    static RegistryFailure noRules() {
        return new RegistryFailure(422, 42210, "Invalid rule set: this registry knows no rules of data contracts");
    }

    int status() {
        return status;
    }

    int errorCode() {
        return errorCode;
    }
}
