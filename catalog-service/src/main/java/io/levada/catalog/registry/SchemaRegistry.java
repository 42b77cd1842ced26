package io.levada.catalog.registry;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Subjects and their versions, with the rules of Confluent's registry. Each call is one transaction.
final class SchemaRegistry {
    private static final CompatibilityLevel DEFAULT = CompatibilityLevel.NONE;

    private final RegistryDatabase database;

    SchemaRegistry(RegistryDatabase database) {
        this.database = database;
    }

    /// Adds a version where the subject does not have this schema yet.
    RegisteredSchema register(String subject, AvroSchema schema) {
        return database.inTransaction(() -> {
            Optional<RegisteredSchema> existing = database.find(subject, schema.canonical());
            if (existing.isPresent()) {
                return existing.get();
            }
            Optional<RegisteredSchema> latest = database.latest(subject);
            if (latest.isPresent() && level(subject) == CompatibilityLevel.BACKWARD) {
                List<String> obstacles =
                        schema.obstaclesToReading(AvroSchema.parse(latest.get().schema()));
                if (!obstacles.isEmpty()) {
                    throw RegistryFailure.incompatible(subject, String.join("; ", obstacles));
                }
            }
            int id = database.schemaId(schema.canonical()).isPresent()
                    ? database.schemaId(schema.canonical()).get()
                    : database.addSchema(schema.canonical());
            int version = latest.map(RegisteredSchema::version).orElse(0) + 1;
            database.addVersion(subject, version, id);
            return new RegisteredSchema(subject, version, id, schema.canonical());
        });
    }

    /// The version of the subject that has this schema.
    RegisteredSchema find(String subject, AvroSchema schema) {
        return database.inTransaction(() -> {
            requireSubject(subject);
            return database.find(subject, schema.canonical())
                    .orElseThrow(() -> RegistryFailure.schemaNotFound("under subject '" + subject + "'"));
        });
    }

    List<String> subjects() {
        return database.inTransaction(database::subjects);
    }

    List<Integer> versions(String subject) {
        return database.inTransaction(() -> {
            requireSubject(subject);
            return database.versions(subject);
        });
    }

    /// @param version a number, `latest`, or -1 which means the same
    RegisteredSchema version(String subject, String version) {
        return database.inTransaction(() -> {
            int number = number(version);
            requireSubject(subject);
            return (number < 0 ? database.latest(subject) : database.version(subject, number))
                    .orElseThrow(() -> RegistryFailure.versionNotFound(version));
        });
    }

    String schema(int id) {
        return database.inTransaction(
                () -> database.schema(id).orElseThrow(() -> RegistryFailure.schemaNotFound("id " + id)));
    }

    /// Why the schema could not become the subject's next version after the given one; empty where it could.
    List<String> incompatibilities(String subject, String version, AvroSchema schema) {
        RegisteredSchema against = version(subject, version);
        CompatibilityLevel level = database.inTransaction(() -> level(subject));
        return switch (level) {
            case NONE -> List.of();
            case BACKWARD -> schema.obstaclesToReading(AvroSchema.parse(against.schema()));
        };
    }

    CompatibilityLevel globalLevel() {
        return database.inTransaction(() -> database.globalLevel().orElse(DEFAULT));
    }

    void setGlobalLevel(CompatibilityLevel level) {
        database.inTransaction(() -> {
            database.setGlobalLevel(level);
            return level;
        });
    }

    /// @param orGlobal whether the global level stands in where the subject has none
    CompatibilityLevel subjectLevel(String subject, boolean orGlobal) {
        return database.inTransaction(() -> orGlobal
                ? level(subject)
                : database.level(subject).orElseThrow(() -> RegistryFailure.levelNotFound(subject)));
    }

    void setSubjectLevel(String subject, CompatibilityLevel level) {
        database.inTransaction(() -> {
            database.setLevel(subject, level);
            return level;
        });
    }

    private CompatibilityLevel level(String subject) throws SQLException {
        Optional<CompatibilityLevel> own = database.level(subject);
        return own.isPresent() ? own.get() : database.globalLevel().orElse(DEFAULT);
    }

    private void requireSubject(String subject) throws SQLException {
        if (database.versions(subject).isEmpty()) {
            throw RegistryFailure.subjectNotFound(subject);
        }
    }

    /// @return the number, or -1 for the latest
    private static int number(@Nullable String version) {
        if ("latest".equals(version) || "-1".equals(version)) {
            return -1;
        }
        try {
            int number = Integer.parseInt(String.valueOf(version));
            if (number >= 1) {
                return number;
            }
        } catch (NumberFormatException _) {
            // answered below
        }
        throw RegistryFailure.invalidVersion(String.valueOf(version));
    }
}
