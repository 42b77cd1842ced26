package io.levada.catalog.glue;

import java.util.Locale;
import java.util.Optional;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;

/// How the lake's names stand in the Data Catalog: namespace `raw` is database `<prefix>raw`, and all names are
/// in lower case.
///
/// @param prefix of every database of this lake
record DatabaseNames(String prefix) {
    /// A namespace as it is listed. One of several levels stays as it is: the Data Catalog has no place for it.
    static Namespace folded(Namespace namespace) {
        return namespace.length() == 1 ? Namespace.of(folded(namespace.level(0))) : namespace;
    }

    /// A table's name as it is listed.
    static TableIdentifier folded(TableIdentifier table) {
        return TableIdentifier.of(folded(table.namespace()), folded(table.name()));
    }

    private static String folded(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /// The namespace as Iceberg's catalog knows it: that of the database.
    Namespace database(Namespace namespace) {
        Namespace folded = folded(namespace);
        return folded.length() == 1 ? Namespace.of(prefix + folded.level(0)) : folded;
    }

    TableIdentifier database(TableIdentifier table) {
        return TableIdentifier.of(database(table.namespace()), folded(table.name()));
    }

    /// The namespace of a database; empty where the database is none of this lake's.
    Optional<Namespace> namespace(Namespace database) {
        String name = database.level(0);
        return name.startsWith(prefix) && name.length() > prefix.length()
                ? Optional.of(Namespace.of(name.substring(prefix.length())))
                : Optional.empty();
    }
}
