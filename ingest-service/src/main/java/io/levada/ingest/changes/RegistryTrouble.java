package io.levada.ingest.changes;

import java.io.IOException;

/// The schema registry can not be reached, or does not do what it is asked.
public final class RegistryTrouble extends IOException {
    private static final long serialVersionUID = 1L;

    RegistryTrouble(String message) {
        super(message);
    }

    RegistryTrouble(String message, Throwable cause) {
        super(message, cause);
    }
}
