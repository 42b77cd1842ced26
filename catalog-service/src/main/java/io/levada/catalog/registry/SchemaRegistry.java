package io.levada.catalog.registry;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Subjects and their versions, with the rules of Confluent's registry. Each call is one transaction.
///
/// A version that is deleted is hidden first: what was written with it is still read by its id. Deleted once more, for
/// good, it is gone, and its id is not found any more and given to nothing else.
final class SchemaRegistry {
    private final RegistryDatabase database;

    SchemaRegistry(RegistryDatabase database) {
        this.database = database;
    }

    /// Adds a version where the subject does not have this schema yet.
    ///
    /// @param id to have in mode IMPORT, 0 for none
    /// @param number of the version to become, 0 for the next
    RegisteredSchema register(String subject, AvroSchema schema, int id, int number) {
        Optional<RegisteredSchema> known = database.read(tables -> present(tables, subject, schema, id));
        return known.orElseGet(() -> database.write(tables -> {
            Optional<RegisteredSchema> existing = present(tables, subject, schema, id);
            return existing.isPresent() ? existing.get() : add(tables, subject, schema, id, number);
        }));
    }

    private static Optional<RegisteredSchema> present(RegistryTables tables, String subject, AvroSchema schema, int id)
            throws SQLException {
        return find(tables.versions(subject), schema, Shown.LIVE).filter(version -> id == 0 || version.id() == id);
    }

    private static Optional<RegisteredSchema> find(List<RegisteredSchema> versions, AvroSchema schema, Shown shown) {
        return versions.stream()
                .filter(shown::shows)
                .filter(version -> version.schema().equals(schema.canonical()))
                .max(Comparator.comparing(RegisteredSchema::deleted)
                        .reversed()
                        .thenComparing(RegisteredSchema::version));
    }

    private static RegisteredSchema add(RegistryTables tables, String subject, AvroSchema schema, int id, int number)
            throws SQLException {
        RegistryPolicies.requireWritable(tables, subject);
        boolean imported = RegistryPolicies.mode(tables, subject) == RegistryMode.IMPORT;
        if (imported != (id > 0)) {
            throw RegistryFailure.notPermitted("Subject '" + subject + "' is " + (imported ? "" : "not ")
                    + "in import mode: a schema " + (imported ? "needs an id" : "must not bring an id"));
        }
        List<RegisteredSchema> versions = tables.versions(subject);
        int next = versions.isEmpty() ? 1 : versions.getLast().version() + 1;
        int version = number == 0 ? next : number;
        if (imported) {
            requireFree(subject, versions, version);
        } else {
            requireNext(subject, version, next);
            requireCompatible(tables, subject, schema, versions);
        }
        int schemaId = idOf(tables, schema, id);
        tables.addVersion(subject, version, schemaId);
        return new RegisteredSchema(subject, version, schemaId, schema.canonical(), false);
    }

    private static void requireFree(String subject, List<RegisteredSchema> versions, int version) {
        if (versions.stream().anyMatch(present -> present.version() == version)) {
            throw RegistryFailure.notPermitted("Overwrite of version " + version + " of subject '" + subject
                    + "' with another schema is not permitted");
        }
    }

    private static void requireNext(String subject, int version, int next) {
        if (version != next) {
            throw RegistryFailure.invalidSchema(
                    "version " + version + " is not the next one of subject '" + subject + "', which is " + next);
        }
    }

    private static void requireCompatible(
            RegistryTables tables, String subject, AvroSchema schema, List<RegisteredSchema> versions)
            throws SQLException {
        CompatibilityLevel level = RegistryPolicies.level(tables, subject);
        List<String> obstacles = obstacles(level, schema, live(versions));
        if (!obstacles.isEmpty()) {
            throw RegistryFailure.incompatible(subject, level, String.join("; ", obstacles));
        }
    }

    private static int idOf(RegistryTables tables, AvroSchema schema, int id) throws SQLException {
        Optional<Integer> present = tables.schemaId(schema);
        if (present.isPresent()) {
            if (id > 0 && present.get() != id) {
                throw RegistryFailure.idDoesNotMatch(present.get(), id);
            }
            return present.get();
        }
        if (id == 0) {
            return tables.addSchema(schema);
        }
        if (tables.isGiven(id)) {
            throw RegistryFailure.notPermitted("Overwrite of the schema with id " + id + " is not permitted");
        }
        tables.addSchema(schema, id);
        return id;
    }

    /// The version of the subject that has this schema.
    RegisteredSchema find(String subject, AvroSchema schema, Shown shown) {
        return database.read(tables -> {
            List<RegisteredSchema> versions = requireSubject(tables, subject, shown);
            return find(versions, schema, shown)
                    .orElseThrow(() -> RegistryFailure.schemaNotFound("under subject '" + subject + "'"));
        });
    }

    /// Names, sorted.
    List<String> subjects(String prefix, Shown shown) {
        return database.read(tables -> tables.versions().stream()
                .filter(version -> version.subject().startsWith(prefix))
                .filter(shown::shows)
                .map(RegisteredSchema::subject)
                .distinct()
                .toList());
    }

    List<RegisteredSchema> versions(String subject, Shown shown) {
        return database.read(tables -> requireSubject(tables, subject, shown));
    }

    /// By subject and version.
    ///
    /// @param latestOnly whether of each subject only the newest is asked for
    List<RegisteredSchema> schemas(String prefix, Shown shown, boolean latestOnly) {
        List<RegisteredSchema> found = database.read(tables -> tables.versions().stream()
                .filter(version -> version.subject().startsWith(prefix))
                .filter(shown::shows)
                .toList());
        if (!latestOnly) {
            return found;
        }
        List<RegisteredSchema> latest = new ArrayList<>();
        for (RegisteredSchema version : found) {
            if (!latest.isEmpty() && latest.getLast().subject().equals(version.subject())) {
                latest.removeLast();
            }
            latest.add(version);
        }
        return latest;
    }

    RegisteredSchema version(String subject, VersionId version, Shown shown) {
        return database.read(tables -> version.of(requireSubject(tables, subject, shown))
                .orElseThrow(() -> RegistryFailure.versionNotFound(version.toString())));
    }

    /// The text of a schema, which a hidden version still has.
    String schema(int id) {
        return versionsOf(id, Shown.ALL).getFirst().schema();
    }

    int maxId() {
        return database.read(RegistryTables::maxId);
    }

    /// The versions that have a schema.
    List<RegisteredSchema> versionsOf(int id, Shown shown) {
        List<RegisteredSchema> versions = database.read(tables -> tables.versionsOf(id));
        if (versions.isEmpty()) {
            throw RegistryFailure.schemaNotFound("id " + id);
        }
        return versions.stream().filter(shown::shows).toList();
    }

    /// Hides all versions of a subject, or removes them where they are all hidden.
    ///
    /// @return their numbers
    List<Integer> deleteSubject(String subject, boolean permanent) {
        return database.write(tables -> {
            RegistryPolicies.requireWritable(tables, subject);
            List<RegisteredSchema> versions = tables.versions(subject);
            if (versions.isEmpty()) {
                throw RegistryFailure.subjectNotFound(subject);
            }
            List<RegisteredSchema> live = live(versions);
            if (permanent && !live.isEmpty()) {
                throw RegistryFailure.subjectNotDeleted(subject);
            }
            if (!permanent && live.isEmpty()) {
                throw RegistryFailure.subjectDeleted(subject);
            }
            List<Integer> numbers = (permanent ? versions : live)
                    .stream().map(RegisteredSchema::version).toList();
            for (int number : numbers) {
                if (permanent) {
                    tables.removeVersion(subject, number);
                } else {
                    tables.hideVersion(subject, number);
                }
            }
            if (permanent) {
                tables.removeLevel(subject);
                tables.removeMode(subject);
            }
            return numbers;
        });
    }

    /// Hides a version, or removes one that is hidden.
    ///
    /// @return its number
    int deleteVersion(String subject, VersionId version, boolean permanent) {
        return database.write(tables -> {
            RegistryPolicies.requireWritable(tables, subject);
            List<RegisteredSchema> versions = tables.versions(subject);
            if (versions.isEmpty()
                    || (!permanent && version.isLatest() && live(versions).isEmpty())) {
                throw RegistryFailure.subjectNotFound(subject);
            }
            RegisteredSchema found = version.of(version.isLatest() && !permanent ? live(versions) : versions)
                    .orElseThrow(() -> RegistryFailure.versionNotFound(version.toString()));
            if (permanent && !found.deleted()) {
                throw RegistryFailure.versionNotDeleted(subject, found.version());
            }
            if (!permanent && found.deleted()) {
                throw RegistryFailure.versionDeleted(subject, found.version());
            }
            if (permanent) {
                tables.removeVersion(subject, found.version());
            } else {
                tables.hideVersion(subject, found.version());
            }
            return found.version();
        });
    }

    /// Why the schema could not become the subject's next version as far as one version is asked; empty where it
    /// could.
    List<String> incompatibilities(String subject, VersionId version, AvroSchema schema) {
        return database.read(tables -> {
            List<RegisteredSchema> live = live(tables.versions(subject));
            Optional<RegisteredSchema> against = version.of(live);
            if (against.isEmpty() && !version.isLatest()) {
                throw live.isEmpty()
                        ? RegistryFailure.subjectNotFound(subject)
                        : RegistryFailure.versionNotFound(version.toString());
            }
            CompatibilityLevel level = RegistryPolicies.level(tables, subject);
            return against.map(earlier -> level.obstacles(schema, earlier)).orElse(List.of());
        });
    }

    /// Why the schema could not become the subject's next version; empty where it could.
    List<String> incompatibilities(String subject, AvroSchema schema) {
        return database.read(
                tables -> obstacles(RegistryPolicies.level(tables, subject), schema, live(tables.versions(subject))));
    }

    private static List<String> obstacles(
            CompatibilityLevel level, AvroSchema schema, List<RegisteredSchema> versions) {
        return level.asked(versions).stream()
                .flatMap(version -> level.obstacles(schema, version).stream())
                .toList();
    }

    private static List<RegisteredSchema> live(List<RegisteredSchema> versions) {
        return versions.stream().filter(Shown.LIVE::shows).toList();
    }

    /// Versions of a subject that has such.
    private static List<RegisteredSchema> requireSubject(RegistryTables tables, String subject, Shown shown)
            throws SQLException {
        List<RegisteredSchema> versions =
                tables.versions(subject).stream().filter(shown::shows).toList();
        if (versions.isEmpty()) {
            throw RegistryFailure.subjectNotFound(subject);
        }
        return versions;
    }
}
