package io.levada.catalog.registry;

import java.sql.SQLException;
import java.util.Optional;

/// What subjects may become and whether they may be changed: compatibility levels and modes. Each call is one
/// transaction.
///
/// Without any level a subject may become anything: a table of a source may change in every way, and its change topic
/// carries that.
final class RegistryPolicies {
    static final CompatibilityLevel DEFAULT_LEVEL = CompatibilityLevel.NONE;

    private final RegistryDatabase database;

    RegistryPolicies(RegistryDatabase database) {
        this.database = database;
    }

    /// The level that holds for a subject.
    static CompatibilityLevel level(RegistryTables tables, String subject) throws SQLException {
        Optional<CompatibilityLevel> own = tables.level(subject);
        return own.isPresent() ? own.get() : tables.level(RegistryTables.GLOBAL).orElse(DEFAULT_LEVEL);
    }

    /// The mode that holds for a subject.
    static RegistryMode mode(RegistryTables tables, String subject) throws SQLException {
        Optional<RegistryMode> own = tables.mode(subject);
        return own.isPresent() ? own.get() : tables.mode(RegistryTables.GLOBAL).orElse(RegistryMode.READWRITE);
    }

    static void requireWritable(RegistryTables tables, String subject) throws SQLException {
        if (mode(tables, subject) == RegistryMode.READONLY) {
            throw RegistryFailure.notPermitted(
                    (subject.isEmpty() ? "The registry" : "Subject '" + subject + "'") + " is in read-only mode");
        }
    }

    CompatibilityLevel globalLevel() {
        return database.read(tables -> level(tables, RegistryTables.GLOBAL));
    }

    /// @param orGlobal whether the global level stands in where the subject has none
    CompatibilityLevel level(String subject, boolean orGlobal) {
        return database.read(tables -> orGlobal
                ? level(tables, subject)
                : tables.level(subject).orElseThrow(() -> RegistryFailure.levelNotFound(subject)));
    }

    /// @param subject or [RegistryTables#GLOBAL]
    void setLevel(String subject, CompatibilityLevel level) {
        database.write(tables -> {
            requireWritable(tables, subject);
            tables.setLevel(subject, level);
            return level;
        });
    }

    /// Returns to the global level, or globally to the default one.
    ///
    /// @return the level that was set
    CompatibilityLevel removeLevel(String subject) {
        return database.write(tables -> {
            requireWritable(tables, subject);
            Optional<CompatibilityLevel> set = tables.level(subject);
            tables.removeLevel(subject);
            return subject.equals(RegistryTables.GLOBAL)
                    ? set.orElse(DEFAULT_LEVEL)
                    : set.orElseThrow(() -> RegistryFailure.subjectNotFound(subject));
        });
    }

    RegistryMode globalMode() {
        return database.read(tables -> mode(tables, RegistryTables.GLOBAL));
    }

    /// @param orGlobal whether the global mode stands in where the subject has none
    RegistryMode mode(String subject, boolean orGlobal) {
        return database.read(tables -> orGlobal
                ? mode(tables, subject)
                : tables.mode(subject).orElseThrow(() -> RegistryFailure.modeNotFound(subject)));
    }

    /// @param subject or [RegistryTables#GLOBAL]
    /// @param force whether IMPORT is taken on also where there are schemas already
    void setMode(String subject, RegistryMode mode, boolean force) {
        database.write(tables -> {
            if (mode == RegistryMode.IMPORT && !force && hasSchemas(tables, subject)) {
                throw RegistryFailure.notPermitted(
                        "Cannot import since found existing subjects: delete them, or say force=true");
            }
            tables.setMode(subject, mode);
            return mode;
        });
    }

    private static boolean hasSchemas(RegistryTables tables, String subject) throws SQLException {
        return (subject.equals(RegistryTables.GLOBAL) ? tables.versions() : tables.versions(subject))
                .stream().anyMatch(Shown.LIVE::shows);
    }

    /// Returns to the global mode, or globally to READWRITE.
    ///
    /// @return the mode that was set
    RegistryMode removeMode(String subject) {
        return database.write(tables -> {
            Optional<RegistryMode> set = tables.mode(subject);
            tables.removeMode(subject);
            return subject.equals(RegistryTables.GLOBAL)
                    ? set.orElse(RegistryMode.READWRITE)
                    : set.orElseThrow(() -> RegistryFailure.subjectNotFound(subject));
        });
    }
}
