package io.levada.catalog.rest;

import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;

/// Names as the paths of the Iceberg REST protocol spell them.
final class IcebergPath {
    /// Between the parts of a namespace.
    private static final String SEPARATOR = "\u001f";

    private IcebergPath() {}

    static Namespace namespace(String path) {
        return Namespace.of(path.split(SEPARATOR, -1));
    }

    static TableIdentifier identifier(String namespace, String name) {
        return TableIdentifier.of(namespace(namespace), name);
    }
}
