package io.levada.catalog.registry;

/// Which versions are looked at: those that are not deleted, all, or the deleted ones only.
enum Shown {
    LIVE,
    ALL,
    DELETED;

    static Shown of(boolean deleted, boolean deletedOnly) {
        if (deletedOnly) {
            return DELETED;
        }
        return deleted ? ALL : LIVE;
    }

    boolean shows(RegisteredSchema version) {
        return this == ALL || version.deleted() == (this == DELETED);
    }
}
