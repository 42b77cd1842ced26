package io.levada.ingest.changes;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The schema registry can not be reached, or does not do what it is asked.
public final class RegistryTrouble extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean outside;
    private final String nextStep;

    RegistryTrouble(RegistryAddress registry, boolean unauthorized, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.outside = registry.outside();
        this.nextStep = registry.nextStep(unauthorized);
    }

    /// Whether the registry is not catalog-service's.
    public boolean outside() {
        return outside;
    }

    /// What an operator can do about it.
    public String nextStep() {
        return nextStep;
    }
}
